import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kindsFor } from "../../src/bot/kinds.ts";
import { checkFileMode } from "../../src/catalog/file-mode.ts";
import { loadCatalog } from "../../src/catalog/load.ts";
import type { Catalog } from "../../src/core/catalog.ts";
import type { Credential } from "../../src/core/credential.ts";
import { draftOf, makePlan } from "../../src/core/desk/make-plan.ts";
import type { PinnedPolicy, Plan } from "../../src/core/plan.ts";
import { Secret } from "../../src/core/secret.ts";
import { type Target, targetName } from "../../src/core/target.ts";
import { nextValues, readAll } from "../../src/core/values.ts";
import { root } from "../guards/tree.ts";

const folder = join(root, "examples");
const files = readdirSync(folder).toSorted();
const kinds = kindsFor({ commandFolders: [], fileFolders: [], logFolders: [] });

const both = ["preflight", "issue", "test", "publish", "rollout", "verify", "grace", "recheck", "idle"];
const steps = [...both, "disable", "watch", "recheck-2", "revoke", "prove"];

/** What each target of the examples writes, by file. */
const written: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "cloud-aegis.yaml": { "postgres prod": ["DATABASE_URL"] },
  "llm-orchestrator.yaml": { "postgres prod": ["DB_USERNAME", "DB_PASSWORD"] },
  "nivesh.yaml": {
    "postgres prod": ["DATABASE_URL", "POSTGRES_LOGIN", "POSTGRES_PASSWORD"],
    "redis prod": ["REDIS_PASSWORD"],
  },
  "the0.yaml": { "postgres prod": ["DATABASE_URL"], "redis prod": ["REDIS_URL"] },
  "truload.yaml": {
    "postgres prod": ["CONNECTIONSTRINGS__DEFAULTCONNECTION", "TENANTDATABASES__KURA"],
    "redis prod": ["REDIS__CONNECTIONSTRING"],
  },
};

describe.each(files)("examples/%s", (file) => {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");

  it("is read without a mistake, and a mistake in it would be seen", async () => {
    expect(loadCatalog(text, file, kinds)).toHaveProperty("catalog.demo", false);
    expect(await checkFileMode(path)).toBeUndefined();
    expect(loadCatalog(text.replace("rotator:", "rotater:"), file, kinds)).toHaveProperty("problems");
  });

  it("gives each target a plan in which both credentials work for a while, and a way back", () => {
    const catalog = read(file, text);
    const planned = catalog.targets.map((target) => [targetName(target), planOf(catalog, target)] as const);
    const keys = planned.map(([name, plan]) => [name, plan.publishes.flatMap(({ values }) => Object.keys(values))]);
    expect(Object.fromEntries(keys)).toEqual(written[file]);
    for (const [, plan] of planned) {
      expect(plan.rotator.overlap).toBe("dual");
      expect(plan.steps.map(({ id }) => id)).toEqual(steps);
      expect(plan.pointOfNoReturn).toBe("revoke");
      expect(plan.checks.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["http", "login"]));
    }
  });

  it("writes values that give the same credential back", () => {
    const catalog = read(file, text);
    for (const plan of catalog.targets.map((target) => planOf(catalog, target))) {
      const credential = credentialFor(plan);
      const values = plan.publishes.map((_publish, index) => nextValues(plan, index, {}, credential));
      expect(shown(readAll(plan, values))).toMatchObject({ password: "B".repeat(32) });
    }
  });
});

describe("examples", () => {
  it("are these and no others", () => {
    expect(files).toEqual(Object.keys(written));
  });

  it("TruLoad: a new login keeps the options that somebody added to the connection strings by hand", () => {
    const catalog = read("truload.yaml", readFileSync(join(folder, "truload.yaml"), "utf8"));
    const [postgres, redis] = catalog.targets.map((target) => planOf(catalog, target));
    expect(edited(postgres, "Host=10.0.0.5;Username=truload_user;Password=old;Maximum Pool Size=50;")).toBe(
      `Host=10.0.0.5;Username=user_b;Password=${"B".repeat(32)};Maximum Pool Size=50;`,
    );
    expect(edited(redis, "redis.truload:6379,user=truload,password=old,connectTimeout=500")).toBe(
      `redis.truload:6379,user=user_b,password=${"B".repeat(32)},connectTimeout=500`,
    );
  });

  it("the0: no two of its secrets move at the same time", () => {
    const catalog = read("the0.yaml", readFileSync(join(folder, "the0.yaml"), "utf8"));
    const locks = catalog.targets.map((target) => planOf(catalog, target).movingLocks);
    expect(locks.every((names) => names.includes("group the0"))).toBe(true);
  });
});

function read(file: string, text: string): Catalog {
  const loaded = loadCatalog(text, file, kinds);
  if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.catalog;
}

/** The plan as it would be shown when everything works. */
function planOf(catalog: Catalog, target: Target): Plan {
  const seen = { present: "works", current: undefined, red: [] } as const;
  return makePlan(target, pinned(catalog, target), "routine", draftOf(kinds, target), seen).plan;
}

function pinned(catalog: Catalog, { policy: name }: Target): PinnedPolicy {
  const policy = catalog.policies[name];
  if (policy === undefined) throw new Error(`no policy ${name}`);
  const { production, onFailure, expiresMs, remindMs, holdMs } = policy;
  return {
    name,
    channel: { id: "C1", name: policy.channel },
    requesters: policy.requesters.map((label) => ({ label })),
    approvals: policy.approvals.map(({ from, min, fresh }) => ({
      from: { label: from },
      min,
      fresh: fresh === "allow",
    })),
    production,
    onFailure,
    expiresMs,
    remindMs,
    holdMs,
    ...(policy.retire === undefined ? {} : { retire: policy.retire }),
  };
}

function credentialFor({ rotator }: Plan): Credential {
  const values = { username: "user_b", password: "B".repeat(32), scram: "verifier" };
  const named = Object.entries(values).filter(([name]) => rotator.fields[name] !== undefined);
  return {
    ref: { principal: "user_b", generation: "1" },
    public: Object.fromEntries(named.filter(([name]) => rotator.fields[name] === "public")),
    secret: Object.fromEntries(
      named.filter(([name]) => rotator.fields[name] === "secret").map(([name, value]) => [name, new Secret(value)]),
    ),
  };
}

/** What stands under the first key of a plan after the new login was written over `before`. */
function edited(plan: Plan | undefined, before: string): string | undefined {
  const [key = ""] = Object.keys(plan?.publishes[0]?.values ?? {});
  return plan === undefined
    ? undefined
    : nextValues(plan, 0, { [key]: new Secret(before) }, credentialFor(plan))[key]?.reveal();
}

function shown(read: ReturnType<typeof readAll>): unknown {
  return read !== undefined && "secret" in read
    ? Object.fromEntries(Object.entries(read.secret).map(([name, value]) => [name, value.reveal()]))
    : read;
}
