import { z } from "zod";
import type { Kinds } from "../core/kinds.ts";
import { nearest } from "../core/nearest.ts";
import type { BoundRotator, BoundStore } from "../core/ports.ts";
import { mistakesOf } from "./issues.ts";
import { type Mistake, type Path, shown } from "./problem.ts";
import { entriesAt, listAt, member } from "./raw.ts";

/** One target of the file with its adapters bound, as far as they could be. `path`: of the target. */
export type BoundTarget = {
  readonly value: unknown;
  readonly path: Path;
  readonly rotator: BoundRotator | undefined;
  readonly stores: readonly (BoundStore | undefined)[];
};

/** Binds every adapter entry of a target. Opens no connection. */
export function bindTarget(
  value: unknown,
  path: Path,
  kinds: Kinds,
): { readonly target: BoundTarget; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const bind = <T>(entry: unknown, at: Path, what: string, key: string, all: readonly Kind<T>[]): T | undefined => {
    const result = bindEntry(entry, at, what, key, all);
    mistakes.push(...result.mistakes);
    return result.bound;
  };
  const hasRotator = member(value, "rotator") !== undefined;
  const rotator = hasRotator
    ? bind(member(value, "rotator"), [...path, "rotator"], "rotator", "kind", kinds.rotators)
    : undefined;
  const stores = listAt(value, "publish").map((entry, index) =>
    bind(withoutValues(entry), [...path, "publish", index], "store", "store", kinds.stores),
  );
  for (const [index, entry] of listAt(value, "consumers").entries()) {
    bind(entry, [...path, "consumers", index], "consumer", "kind", kinds.consumers);
  }
  for (const part of ["checks", "standby"]) {
    for (const [index, entry] of listAt(value, part).entries()) {
      bind(entry, [...path, part, index], "check", "kind", kinds.checks);
    }
  }
  return { target: { value, path, rotator, stores }, mistakes };
}

/** What a store is given: its entry without what belongs to the catalog. */
export function withoutValues(entry: unknown): unknown {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return entry;
  return withoutKeys(entry, [], catalogs);
}

const catalogs = ["values", "mirror"];

type Kind<T> = { readonly kind: string; readonly config: z.ZodType; readonly bind: (entry: unknown) => T };

function bindEntry<T>(
  entry: unknown,
  path: Path,
  what: string,
  key: string,
  all: readonly Kind<T>[],
): { readonly bound?: T; readonly mistakes: readonly Mistake[] } {
  const named = member(entry, key);
  // The shape of the target says already that this is no mapping, or that the kind of the store is missing.
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return { mistakes: [] };
  const names = all.map(({ kind }) => kind);
  const kind = all.find((each) => each.kind === named);
  if (kind === undefined) {
    if (named === undefined && key === "store") return { mistakes: [] };
    const near = typeof named === "string" ? nearest(named, names) : undefined;
    const hint = near === undefined ? `allowed: ${names.join(", ")}` : `did you mean ${near}?`;
    const found = shown(named, [...path, "kind"]);
    const sentence = named === undefined ? `the ${what} has no kind` : `there is no ${what} of the kind ${found}`;
    return { mistakes: [{ path: [...path, key], found, allowed: names, hint, sentence }] };
  }
  try {
    return { bound: kind.bind(entry), mistakes: [] };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const mistakes = mistakesOf(error, kind.config, entry, path, key === "store" ? catalogs : []);
    return { ...boundWithout(error, kind, entry), mistakes };
  }
}

/** With only unknown keys in the way, the entry is bound without them, so that its other mistakes are found as well. */
function boundWithout<T>(error: z.ZodError, kind: Kind<T>, entry: unknown): { readonly bound?: T } {
  const unknown = error.issues.map((issue) => (issue.code === "unrecognized_keys" ? issue : undefined));
  let cut = entry;
  for (const issue of unknown) {
    if (issue === undefined) return {};
    cut = withoutKeys(cut, issue.path, issue.keys);
  }
  try {
    return { bound: kind.bind(cut) };
  } catch (again) {
    if (again instanceof z.ZodError) return {};
    throw again;
  }
}

function withoutKeys(value: unknown, [part, ...rest]: readonly PropertyKey[], keys: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each, index) => (index === part ? withoutKeys(each, rest, keys) : each));
  const entries = entriesAt(value);
  if (part === undefined) return Object.fromEntries(entries.filter(([key]) => !keys.includes(key)));
  return Object.fromEntries(entries.map(([key, each]) => [key, key === part ? withoutKeys(each, rest, keys) : each]));
}
