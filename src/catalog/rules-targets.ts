import { Duration } from "../core/duration.ts";
import { nearest } from "../core/nearest.ts";
import type { BoundTarget } from "./bound.ts";
import type { Mistake, Path } from "./problem.ts";
import { entriesAt, listAt, member, textAt } from "./raw.ts";

const leastMs = { watch: 60_000, idle: 60_000 };
const leastTrialMs = 1_000;

/** What one target must be in company of its policy and its adapters. */
export function targetRules(catalog: unknown, target: BoundTarget): readonly Mistake[] {
  const name = textAt(target.value, "policy");
  const policy = name === undefined ? undefined : member(catalog, "policies", name);
  return [
    ...(name !== undefined && policy === undefined ? [unknownPolicy(catalog, target, name)] : []),
    ...cuts(target, name, policy),
    ...live(target),
    ...mirrors(target),
    ...idleKind(target),
    ...overlap(target),
    ...unasked(target),
    ...times(target, member(catalog, "demo") === true || member(policy, "production") === false),
  ];
}

function unknownPolicy(catalog: unknown, target: BoundTarget, name: string): Mistake {
  const allowed = entriesAt(catalog, "policies").map(([key]) => key);
  const near = nearest(name, allowed);
  const hint = near === undefined ? `allowed: ${allowed.join(", ")}` : `did you mean ${near}?`;
  return { path: [...target.path, "policy"], found: name, allowed, sentence: `there is no policy "${name}"`, hint };
}

function cuts({ rotator, path }: BoundTarget, name: string | undefined, policy: unknown): readonly Mistake[] {
  const overlap = rotator?.shape.overlap;
  if (policy === undefined || (overlap !== "single" && overlap !== "delegated")) return [];
  if (member(policy, "allowSingle") === true) return [];
  return [
    {
      path: [...path, "rotator"],
      at: "key",
      found: `overlap ${overlap}`,
      sentence: "this rotation refuses somebody for a while, and the policy does not allow that",
      hint: `use a kind with an overlap, or say allowSingle: true in the policy ${name ?? ""}`,
    },
  ];
}

/** "live" needs stores whose readers see a change, and a check, because no reload proves anything. */
function live({ value, path, stores }: BoundTarget): readonly Mistake[] {
  if (member(value, "consumers") !== "live") return [];
  const at = { path: [...path, "consumers"], found: "live" };
  const publishes = listAt(value, "publish");
  const still = stores.find(
    (store, index) => store !== undefined && !store.shape.live && member(publishes[index], "mirror") !== true,
  );
  const mistakes: Mistake[] = [];
  if (still !== undefined) {
    const sentence = `readers of ${still.shape.label} see a change only when they are reloaded`;
    mistakes.push({ ...at, sentence, hint: "list the workloads that read it" });
  }
  if (listAt(value, "checks").length === 0) {
    mistakes.push({ ...at, sentence: "without a reload only a check can prove the new value", hint: "add a check" });
  }
  return mistakes;
}

/** A copy that nobody reads makes sense only where the store that is read cannot be asked, and where it can be. */
function mirrors({ value, path, stores }: BoundTarget): readonly Mistake[] {
  return listAt(value, "publish").flatMap((entry, index): readonly Mistake[] => {
    const shape = stores[index]?.shape;
    if (member(entry, "mirror") !== true || shape === undefined) return [];
    const at = { path: [...path, "publish", index, "mirror"], found: "true" };
    if (!shape.readable) {
      return [{ ...at, sentence: `${shape.label} cannot be read, so it mirrors nothing`, hint: "leave mirror out" }];
    }
    if (stores.some((store) => store === undefined || !store.shape.readable)) return [];
    return [
      { ...at, sentence: "every store of this target can be read", hint: "a store that nobody reads is left out" },
    ];
  });
}

function idleKind({ value, path, rotator }: BoundTarget): readonly Mistake[] {
  const kind = textAt(value, "idle", "kind");
  const able = rotator?.shape.abilities.usage;
  if (kind === undefined || able === undefined || kind === able || kind === "none") return [];
  const allowed = able === "none" ? ["none"] : [able, "none"];
  const sentence = `the issuer cannot tell "${kind}"`;
  return [{ path: [...path, "idle", "kind"], found: kind, allowed, sentence, hint: `allowed: ${allowed.join(", ")}` }];
}

/** What was made with the old credential must live out its life while both are accepted. */
function overlap({ value, path, rotator }: BoundTarget): readonly Mistake[] {
  const leastOverlapMs = rotator?.shape.overlap === "accept-first" ? (rotator.shape.overlapMs ?? 0) : 0;
  const found = textAt(value, "grace") ?? "24h";
  if ((millisecondsAt(value, "grace") ?? usualGraceMs) >= leastOverlapMs) return [];
  const sentence = "the grace is shorter than what was made with the old credential may live, and twice the clock skew";
  const hint = `write at least ${String(Math.ceil(leastOverlapMs / 60_000))}m`;
  return [{ path: [...path, "grace"], found, sentence, hint }];
}
const usualGraceMs = 24 * 3_600_000;

/** Only where instances themselves are asked phase by phase is there something to confirm in their place. */
function unasked({ value, path, rotator }: BoundTarget): readonly Mistake[] {
  const overlap = rotator?.shape.overlap;
  if (overlap === undefined || overlap === "accept-first" || listAt(value, "unasked").length === 0) return [];
  const sentence = `nobody is asked phase by phase with overlap ${overlap}, so there is nothing to confirm`;
  return [{ path: [...path, "unasked"], at: "key", found: "unasked", sentence, hint: "remove it" }];
}

function times({ value, path }: BoundTarget, isTrial: boolean): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const grace = millisecondsAt(value, "grace");
  const most = millisecondsAt(value, "graceMax");
  if (grace !== undefined && most !== undefined && most < grace) {
    const found = textAt(value, "graceMax") ?? "";
    const hint = `write at least ${textAt(value, "grace") ?? ""}`;
    mistakes.push({ path: [...path, "graceMax"], found, sentence: "graceMax is shorter than grace", hint });
  }
  const limits: readonly (readonly [Path, number])[] = [
    [["watch"], leastMs.watch],
    [["idle", "for"], leastMs.idle],
  ];
  for (const [place, usualMs] of limits) {
    const ms = millisecondsAt(value, ...place);
    const least = isTrial ? leastTrialMs : usualMs;
    if (ms === undefined || ms >= least) continue;
    const sentence = `this is too short to see anybody who still uses the old credential`;
    const hint = `write at least ${least / 1_000}s`;
    mistakes.push({ path: [...path, ...place], found: textAt(value, ...place) ?? "", sentence, hint });
  }
  return mistakes;
}

function millisecondsAt(value: unknown, ...path: Path): number | undefined {
  return Duration.safeParse(member(value, ...path)).data;
}
