import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkFileMode } from "../../src/catalog/file-mode.ts";
import { loadCatalog } from "../../src/catalog/load.ts";
import type { Plan } from "../../src/core/plan.ts";
import { targetName } from "../../src/core/target.ts";
import { nextValues, readAll } from "../../src/core/values.ts";
import { credentialFor, edited, folder, kinds, planNamed, planOf, read, shown } from "./plans.ts";

const files = readdirSync(folder).toSorted();

const both = ["preflight", "issue", "test", "publish", "rollout", "verify", "grace", "recheck", "idle"];
/** The steps of each kind of plan, and the last moment of its way back. */
const plans: Readonly<Record<string, { readonly steps: readonly string[]; readonly pointOfNoReturn: string }>> = {
  dual: { steps: [...both, "disable", "watch", "recheck-2", "revoke", "prove"], pointOfNoReturn: "revoke" },
  "accept-first": {
    steps: [
      ...["preflight", "issue", "publish", "rollout", "soak", "accept", "publish-2", "rollout-2", "sign", "verify"],
      ...["grace", "recheck", "publish-3", "rollout-3", "watch", "prove", "forget"],
    ],
    pointOfNoReturn: "forget",
  },
  single: {
    steps: ["announce", "preflight", "publish", "rollout", "test", "verify", "prove"],
    pointOfNoReturn: "rollout",
  },
  "single, set by an API": {
    steps: ["announce", "preflight", "publish", "issue", "test", "rollout", "verify", "prove"],
    pointOfNoReturn: "issue",
  },
  "dual, from a portal": {
    steps: [
      ...["preflight", "collect", "issue", "test", "publish", "rollout", "verify"],
      ...["grace", "recheck", "confirm", "prove"],
    ],
    pointOfNoReturn: "confirm",
  },
};

function rowOf({ rotator: { overlap, origin, triedAt } }: Plan): string {
  if (origin === "handed-in") return `${overlap}, from a portal`;
  return overlap === "single" && triedAt === "issuer" ? "single, set by an API" : overlap;
}
/** Secrets of which applications know one at a time, as their procedures say too. */
const cuts = [
  ...["truload.yaml jwt prod", "truload.yaml internal-service-key prod", "the0.yaml jwt prod"],
  "truload.yaml superset prod",
  ...["llm-orchestrator.yaml jwt prod", "the0.yaml root-admin prod", "the0.yaml cluster-root-admin prod"],
];

/** What each target of the examples writes, by file. */
const written: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "cloud-aegis.yaml": {
    "postgres prod": ["DATABASE_URL"],
    "jwt prod": ["jwt.signing_key", "jwt.previous_signing_key"],
    "jwt-pair prod": ["jwt.private_key", "jwt.public_key", "jwt.previous_public_key"],
    "anthropic prod": ["ANTHROPIC_API_KEY"],
    "openai prod": ["OPENAI_API_KEY"],
  },
  "llm-orchestrator.yaml": { "postgres prod": ["username", "password"], "jwt prod": ["secret"] },
  "nivesh.yaml": {
    "postgres prod": ["DATABASE_URL", "POSTGRES_LOGIN", "POSTGRES_PASSWORD"],
    "redis prod": ["REDIS_PASSWORD"],
    "jwt prod": ["JWT_SECRET", "JWT_SECRET_PREVIOUS"],
  },
  "pull-secret.yaml": {
    "registry-pull prod": ["username", "password", "auth"].map(
      (field) => `.dockerconfigjson#/auths/registry.example.com/${field}`,
    ),
  },
  "the0.yaml": {
    "postgres prod": ["DATABASE_URL"],
    "redis prod": ["REDIS_URL"],
    "jwt prod": ["JWT_SECRET"],
    "root-admin prod": ["THE0_ADMIN_EMAIL", "THE0_ADMIN_PASSWORD"],
    "cluster-root-admin prod": ["password"],
  },
  "truload.yaml": {
    "postgres prod": ["CONNECTIONSTRINGS__DEFAULTCONNECTION", "TENANTDATABASES__KURA"],
    "redis prod": ["REDIS__CONNECTIONSTRING"],
    "jwt prod": ["JWT__SECRETKEY"],
    "internal-service-key prod": Array.from({ length: 4 }, () => "INTERNAL_SERVICE_KEY"),
    "superset prod": ["SUPERSET__PASSWORD"],
    "pesaflow prod": ["PESAFLOW__CONSUMERKEY", "PESAFLOW__CONSUMERSECRET"],
    "ntsa prod": ["apiKey", "clientSecret", "apiKey", "clientSecret"],
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

  it("gives each target a plan in which nobody is refused, or one that its policy allows to refuse somebody", () => {
    const catalog = read(file, text);
    const planned = catalog.targets.map((target) => [targetName(target), planOf(catalog, target)] as const);
    const keys = planned.map(([name, plan]) => [name, plan.publishes.flatMap(({ values }) => Object.keys(values))]);
    expect(Object.fromEntries(keys)).toEqual(written[file]);
    for (const [name, plan] of planned) {
      const isCut = cuts.includes(`${file} ${name}`);
      expect(plan.rotator.overlap === "single", name).toBe(isCut);
      expect(catalog.policies[plan.policy.name]?.allowSingle).toBe(isCut);
      const steps = plan.steps.map(({ id }) => id).filter((id) => id !== "witness");
      expect({ steps, pointOfNoReturn: plan.pointOfNoReturn }).toEqual(plans[rowOf(plan)]);
      const least = plan.rotator.overlap === "dual" ? ["http", "login"] : ["http"];
      expect(plan.checks.map(({ kind }) => kind)).toEqual(expect.arrayContaining(least));
    }
  });

  it("writes values that give the same credential back", () => {
    const catalog = read(file, text);
    for (const plan of catalog.targets.map((target) => planOf(catalog, target))) {
      const credential = credentialFor(plan);
      const values = plan.publishes.map((_publish, index) => nextValues(plan, index, {}, credential));
      const names = ["key", "password", "consumer_secret", "client_secret", "api_key"];
      const secret = names.find((name) => plan.rotator.fields[name] === "secret") ?? "";
      expect(shown(readAll(plan, values))).toMatchObject({ [secret]: "B".repeat(32) });
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

  it("TruLoad: a new service key goes into the Secrets of all four services", () => {
    const catalog = read("truload.yaml", readFileSync(join(folder, "truload.yaml"), "utf8"));
    const plan = planNamed(catalog, "internal-service-key");
    const keys = plan?.publishes.map(({ label, values }) => [label, Object.keys(values)]);
    expect(keys).toEqual(
      [
        "truload/truload-backend-secrets",
        "notifications/notifications-api-secrets",
        "treasury/treasury-api-secrets",
        "subscriptions/subscriptions-api-secrets",
      ].map((at) => [`kubernetes-secret prod/${at}`, ["INTERNAL_SERVICE_KEY"]]),
    );
    expect(plan?.movingLocks).toHaveLength(4);
  });

  it("Cloud Aegis: the plan of a key in a ConfigMap writes both keys in the overlap, and takes one away after it", () => {
    const catalog = read("cloud-aegis.yaml", readFileSync(join(folder, "cloud-aegis.yaml"), "utf8"));
    const jwt = catalog.targets.find(({ secret }) => secret === "jwt");
    if (jwt === undefined) throw new Error("no such target");
    const plan = planOf(catalog, jwt);
    const [next, old] = ["B", "A"].map((letter) => credentialFor(plan, letter));
    if (next === undefined || old === undefined) throw new Error("no credentials");
    const both = nextValues(plan, 0, {}, next, old);
    expect(Object.entries(both).map(([key, value]) => [key, value.reveal()[0]])).toEqual([
      ["jwt.signing_key", "B"],
      ["jwt.previous_signing_key", "A"],
    ]);
    expect(Object.keys(nextValues(plan, 0, both, next))).toEqual(["jwt.signing_key"]);
    expect(plan.graceMs).toBe(24 * 3_600_000);
  });

  it("Cloud Aegis: the plan of a key pair keeps the private key for itself, and has the public one known before it is used", () => {
    const catalog = read("cloud-aegis.yaml", readFileSync(join(folder, "cloud-aegis.yaml"), "utf8"));
    const plan = planNamed(catalog, "jwt-pair");
    const [next, old] = [credentialFor(plan, "B"), credentialFor(plan, "A")];
    const first = nextValues(plan, 0, {}, old, next);
    expect(["jwt.public_key", "jwt.previous_public_key"].map((key) => first[key]?.reveal()[0])).toEqual(["A", "B"]);
    expect(plan.rotator).toMatchObject({ fields: { key: "secret", public: "public" }, soakMs: 600_000 });
    expect(plan.graceMs).toBe(24 * 3_600_000);
  });

  it("Nivesh: the old token key stays accepted for the seven days that tokens live, and longer", () => {
    const plan = planNamed(read("nivesh.yaml", readFileSync(join(folder, "nivesh.yaml"), "utf8")), "jwt");
    const dayMs = 24 * 3_600_000;
    expect(plan.rotator.overlapMs).toBeGreaterThan(7 * dayMs);
    expect(plan.graceMs).toBeGreaterThanOrEqual(plan.rotator.overlapMs ?? 0);
    const [next, old] = [credentialFor(plan, "B"), credentialFor(plan, "A")];
    const both = nextValues(plan, 0, {}, next, old);
    expect(Object.keys(both)).toEqual(["JWT_SECRET", "JWT_SECRET_PREVIOUS"]);
    expect(Object.keys(nextValues(plan, 0, both, next))).toEqual(["JWT_SECRET"]);
  });

  it.each([
    ["truload.yaml", "jwt", "JWT__SECRETKEY"],
    ["the0.yaml", "jwt", "JWT_SECRET"],
    ["llm-orchestrator.yaml", "jwt", "secret"],
  ])("%s, %s: that everybody logs in again stands in the plan, and is announced before", (file, secret, key) => {
    const plan = planNamed(read(file, readFileSync(join(folder, file), "utf8")), secret);
    expect(plan.rotator.words.cut).toMatch(/everybody logs in again, and API tokens .* die too; .* at most \d+ s$/);
    expect(plan.steps[0]?.kind).toBe("announce");
    expect(plan.noticeMs).toBeGreaterThan(0);
    expect(plan.publishes.flatMap(({ values }) => Object.keys(values))).toEqual([key]);
  });

  it("TruLoad, Superset: set by its API for one user, with a password that its guard at start takes", () => {
    const plan = planNamed(read("truload.yaml", readFileSync(join(folder, "truload.yaml"), "utf8")), "superset");
    expect(plan.rotator).toMatchObject({ kind: "http-api", overlap: "single", fields: { password: "secret" } });
    expect(plan.rotator.words.proof).toBe(
      "superset.truload.example answers 401 to the old one and lets the new one in",
    );
    expect(plan.rotator.entry).toMatchObject({
      username: "truload-embed",
      password: { deny: ["admin", "changeme", "password", "superset", "default"] },
    });
    expect(plan.back.map(({ kind }) => kind)).toEqual(["publish", "issue", "test", "rollout", "verify"]);
  });

  it("TruLoad, Pesaflow: both halves in one patch, a test STK push by a person, and the old pair revoked by a person", () => {
    const plan = planNamed(read("truload.yaml", readFileSync(join(folder, "truload.yaml"), "utf8")), "pesaflow");
    expect(plan.publishes.map(({ values }) => Object.keys(values))).toEqual([
      ["PESAFLOW__CONSUMERKEY", "PESAFLOW__CONSUMERSECRET"],
    ]);
    const kinds = plan.steps.map(({ kind }) => kind);
    expect(kinds.slice(kinds.indexOf("verify"))).toEqual(["verify", "witness", "grace", "recheck", "confirm", "prove"]);
    expect(plan.byHand?.join()).toContain("test STK push");
  });

  it("TruLoad, NTSA: written into the application's own database, restarts nothing, and the mirror gives the way back", () => {
    const plan = planNamed(read("truload.yaml", readFileSync(join(folder, "truload.yaml"), "utf8")), "ntsa");
    expect(plan.publishes.map(({ kind, readable }) => [kind, readable])).toEqual([
      ["http-api", false],
      ["kubernetes-secret", undefined],
    ]);
    expect(plan.consumers).toBe("live");
    expect(plan.back.map(({ kind }) => kind)).toEqual(["publish", "rollout", "test", "verify", "confirm", "prove"]);
  });

  it("Cloud Aegis: one of the two AI providers at a time, and only while the other one answers", () => {
    const catalog = read("cloud-aegis.yaml", readFileSync(join(folder, "cloud-aegis.yaml"), "utf8"));
    const plans = ["anthropic", "openai"].map((name) => planNamed(catalog, name));
    expect(plans.map(({ movingLocks }) => movingLocks.filter((lock) => lock.startsWith("group")))).toEqual([
      ["group ai-providers"],
      ["group ai-providers"],
    ]);
    expect(plans.map(({ standby = [] }) => standby.map(({ label }) => label).join())).toEqual([
      expect.stringContaining("api.openai.com"),
      expect.stringContaining("api.anthropic.com"),
    ]);
  });

  it("the0: no two of its secrets move at the same time", () => {
    const catalog = read("the0.yaml", readFileSync(join(folder, "the0.yaml"), "utf8"));
    const locks = catalog.targets.map((target) => planOf(catalog, target).movingLocks);
    expect(locks.every((names) => names.includes("group the0"))).toBe(true);
  });
});
