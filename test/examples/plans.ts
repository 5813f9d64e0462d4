import { join } from "node:path";
import { kindsFor } from "../../src/bot/kinds.ts";
import { loadCatalog } from "../../src/catalog/load.ts";
import type { Catalog } from "../../src/core/catalog.ts";
import type { Credential } from "../../src/core/credential.ts";
import { draftOf, makePlan } from "../../src/core/desk/make-plan.ts";
import type { PinnedPolicy, Plan } from "../../src/core/plan.ts";
import { Secret } from "../../src/core/secret.ts";
import type { Target } from "../../src/core/target.ts";
import { nextValues, type readAll } from "../../src/core/values.ts";
import { root } from "../guards/tree.ts";

export const folder = join(root, "examples");
export const kinds = kindsFor({ commandFolders: [], fileFolders: [], logFolders: [] });

/** A catalog out of its text. Throws with every problem of it. */
export function read(file: string, text: string): Catalog {
  const loaded = loadCatalog(text, file, kinds);
  if ("problems" in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.catalog;
}

/** The plan as it would be shown when everything works. */
export function planOf(catalog: Catalog, target: Target): Plan {
  const seen = { present: "works", current: undefined, red: [] } as const;
  return makePlan(target, pinned(catalog, target), "routine", draftOf(kinds, target), seen).plan;
}

/** The plan of the target with this secret. */
export function planNamed(catalog: Catalog, secret: string): Plan {
  const target = catalog.targets.find((each) => each.secret === secret);
  if (target === undefined) throw new Error(`no target ${secret}`);
  return planOf(catalog, target);
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

/** A credential of the plan's rotator, all of one letter. */
export function credentialFor({ rotator }: Plan, letter = "B"): Credential {
  const text = letter.repeat(32);
  const values = {
    username: "user_b",
    email: "ops@example.com",
    password: text,
    key: text,
    scram: "verifier",
    public: text,
    consumer_key: "public-half",
    consumer_secret: text,
    api_key: text,
    client_secret: text,
  };
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
export function edited(plan: Plan | undefined, before: string): string | undefined {
  const [key = ""] = Object.keys(plan?.publishes[0]?.values ?? {});
  return plan === undefined
    ? undefined
    : nextValues(plan, 0, { [key]: new Secret(before) }, credentialFor(plan))[key]?.reveal();
}

/** The secret fields that were read back, in plain text. */
export function shown(read: ReturnType<typeof readAll>): unknown {
  return read !== undefined && "secret" in read
    ? Object.fromEntries(Object.entries(read.secret).map(([name, value]) => [name, value.reveal()]))
    : read;
}
