import { GiveUp, LostRace } from "../../core/errors.ts";
import type { Context, Reading, Store } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import type { Grammar, Patch } from "./grammar.ts";
import { type Place, placeOf, versionOf } from "./place.ts";
import { preflight } from "./preflight.ts";
import { overwrite, removeOlder, replace } from "./write.ts";

/**
 * A text file with keys in it, as a store: one edit replaces the file in one step, by compare-and-set, and only if it lies in
 * one of `roots`, links followed. What a key is, and how its value is written, is the grammar's.
 */
export function openFile(
  file: string,
  roots: readonly string[],
  grammar: Grammar,
  { session, signal }: Context,
): Store {
  const look = async (): Promise<Place> => {
    signal.throwIfAborted();
    return await placeOf(file, roots);
  };
  return {
    fence: async () => {
      signal.throwIfAborted();
      const place = await placeOf(file, roots).catch((error: unknown) => {
        // Nothing can become visible where nothing is; that it is missing is said by whoever reads.
        if (error instanceof GiveUp && error.code === "store_missing") return undefined;
        throw error;
      });
      if (place === undefined) return "fenced";
      await removeOlder(place, session);
      return place.mounted ? "unfenced" : "fenced";
    },
    preflight: async (keys) => {
      signal.throwIfAborted();
      return await preflight(file, roots, grammar, keys);
    },
    read: async (keys): Promise<Reading> => {
      const { text, version } = await look();
      const found = grammar.valuesOf(text, keys);
      const secret = (value: string | undefined): Secret | undefined =>
        value === undefined ? undefined : new Secret(value);
      const values = Object.fromEntries(keys.map((key) => [key, secret(found.get(key))]));
      if (grammar.rawOf === undefined) return { version, values };
      const raw = [...grammar.rawOf(text, keys)].map(([key, written]) => [key, new Secret(written)] as const);
      return { version, values, raw: Object.fromEntries(raw) };
    },
    publish: async (patch, expect, raw = {}) => {
      const place = await look();
      const wanted = textsOf(patch);
      const written = new Map(Object.entries(raw).map(([key, value]) => [key, value.reveal()]));
      const next = edited(place, grammar, wanted, written);
      if (next === place.text) return { version: place.version };
      expectVersion(place, expect);
      const unchanged = async (): Promise<void> => expectVersion(await look(), expect);
      await (place.mounted ? overwrite : replace)(place, next, session, unchanged);
      return { version: versionOf(next) };
    },
    unstorable: async (patch) => {
      const { text } = await look();
      const result = grammar.edit(text, textsOf(patch), new Map());
      return "unstorable" in result ? result.unstorable : undefined;
    },
    close: () => Promise.resolve(),
  };
}

function textsOf(patch: Readonly<Record<string, Secret | undefined>>): Patch {
  return new Map(Object.entries(patch).map(([key, value]) => [key, value?.reveal()]));
}

function edited({ path, text }: Place, grammar: Grammar, wanted: Patch, raw: ReadonlyMap<string, string>): string {
  const problem = grammar.unfit(path, text, [...wanted.keys()]).find(({ severity }) => severity === "error");
  if (problem !== undefined) throw new GiveUp(problem.code, problem.sentence, { hint: problem.hint });
  const result = grammar.edit(text, wanted, raw);
  if ("text" in result) return result.text;
  throw new GiveUp(
    "value_not_storable",
    `the value of ${result.unstorable} cannot be written so that it reads the same`,
    { hint: "it holds a character that this kind of file cannot carry" },
  );
}

function expectVersion({ path, version }: Place, expect: string): void {
  if (version !== expect)
    throw new LostRace(`${path} was changed by somebody else (version ${version}, not ${expect})`);
}
