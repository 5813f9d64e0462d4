import { z } from "zod";
import { digestOf } from "../core/canonical.ts";
import type { Catalog } from "../core/catalog.ts";
import type { Policy } from "../core/policy.ts";
import { Entry, type Publish, type Target } from "../core/target.ts";
import { type BoundTarget, withoutValues } from "./bound.ts";
import type { CatalogText, PolicyText, TargetText } from "./text.ts";

const idleMs = 10 * 60_000;

/** The catalog in the words of the core, defaults filled in. */
export function toCatalog(text: CatalogText, bound: readonly BoundTarget[], file: string): Catalog {
  const targets = text.targets.map((target, index) => toTarget(target, bound[index]));
  const policies = Object.fromEntries(
    Object.entries(text.policies).map(([name, policy]) => [name, toPolicy(name, policy)]),
  );
  const connections = z.record(z.string(), Entry).parse(text.connections);
  const meaning = { version: text.version, demo: text.demo, connections, policies, targets, groups: text.groups };
  return { ...meaning, file, digest: digestOf(z.json().parse(meaning)) };
}

function toPolicy(name: string, text: PolicyText): Policy {
  const { expires, remind, hold, retire, ...rest } = text;
  return {
    ...rest,
    name,
    expiresMs: expires,
    remindMs: remind,
    holdMs: hold,
    ...(retire === undefined
      ? {}
      : { retire: { ...retire.between, days: [...retire.between.days], zone: retire.zone } }),
  };
}

function toTarget(text: TargetText, bound: BoundTarget | undefined): Target {
  const { grace, graceMax, idle, watch, notice, publish, ...rest } = text;
  const kind = idle?.kind ?? bound?.rotator?.shape.abilities.usage ?? "none";
  return {
    ...rest,
    publish: publish.map(toPublish),
    graceMs: grace,
    graceMaxMs: graceMax ?? 3 * grace,
    idle: { kind, forMs: idle?.for ?? idleMs },
    watchMs: watch,
    noticeMs: notice,
  };
}

function toPublish(text: TargetText["publish"][number]): Publish {
  const values = Object.entries(text.values).map(([key, value]) => [
    key,
    typeof value === "string" ? { template: value } : value,
  ]);
  return { store: text.store, entry: Entry.parse(withoutValues(text)), values: Object.fromEntries(values) };
}
