import type { Kinds } from "../core/kinds.ts";
import { nearest } from "../core/nearest.ts";
import type { Connects } from "../core/ports.ts";
import { mistakesOf } from "./issues.ts";
import { type Mistake, type Path, shown } from "./problem.ts";
import { entriesAt, listAt, member, textAt } from "./raw.ts";

/**
 * Writes into every entry of a target the connection that it names ("prod" in `at: prod/shop/secret/db`), as its key
 * `connection`: a plan is made of entries, so it then holds, and its digest covers, everything that it runs on. A mistake is
 * a name that is not under `connections:`, a connection of another kind, and one that is wrong in itself.
 */
export function withConnections(
  value: unknown,
  kinds: Kinds,
): { readonly value: unknown; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = connectionMistakes(value, kinds);
  const join = (entry: unknown, path: Path, key: string, all: readonly Kind[]): unknown => {
    const joined = joinedEntry(value, entry, path, all.find(({ kind }) => kind === member(entry, key))?.connects);
    mistakes.push(...joined.mistakes);
    return joined.entry;
  };
  const targets = listAt(value, "targets").map((target, index) => {
    const path = ["targets", index];
    const list = (part: string, key: string, all: readonly Kind[]): Readonly<Record<string, unknown>> => {
      const entries = member(target, part);
      if (!Array.isArray(entries)) return {};
      return { [part]: entries.map((entry, each) => join(entry, [...path, part, each], key, all)) };
    };
    const rotator = member(target, "rotator");
    return replaced(target, {
      ...(rotator === undefined ? {} : { rotator: join(rotator, [...path, "rotator"], "kind", kinds.rotators) }),
      ...list("publish", "store", kinds.stores),
      ...list("consumers", "kind", kinds.consumers),
      ...list("checks", "kind", kinds.checks),
      ...list("standby", "kind", kinds.checks),
    });
  });
  return { value: Array.isArray(member(value, "targets")) ? replaced(value, { targets }) : value, mistakes };
}

type Kind = { readonly kind: string; readonly connects?: Connects };

function connectionMistakes(value: unknown, kinds: Kinds): Mistake[] {
  return entriesAt(value, "connections").flatMap(([name, entry]) => {
    const path = ["connections", name];
    const kind = textAt(entry, "kind");
    const known = kinds.connections.find((each) => each.kind === kind);
    if (known === undefined) {
      const allowed = kinds.connections.map((each) => each.kind);
      const hint = (kind === undefined ? undefined : nearest(kind, allowed)) ?? allowed.join(", ");
      const sentence = `there is no connection of the kind ${shown(kind, path)}`;
      return [{ path: [...path, "kind"], found: shown(kind, path), allowed, hint: `allowed: ${hint}`, sentence }];
    }
    const { error } = known.config.safeParse(entry);
    return error === undefined ? [] : mistakesOf(error, known.config, entry, path);
  });
}

function joinedEntry(
  catalog: unknown,
  entry: unknown,
  path: Path,
  connects: Connects | undefined,
): { readonly entry: unknown; readonly mistakes: readonly Mistake[] } {
  if (member(entry, "connection") !== undefined && connects !== undefined) {
    const hint = `its name stands in front of the first slash of "${connects.at.join(".")}"`;
    const sentence = 'a connection is named, not written here: "connection" cannot stand in an entry';
    return { entry, mistakes: [{ path: [...path, "connection"], at: "key", found: "connection", sentence, hint }] };
  }
  const [first, ...others] = connects === undefined ? [] : namesIn(entry, connects);
  if (connects === undefined || first === undefined) return { entry, mistakes: [] };
  const stray = others.find(({ name }) => name !== first.name);
  if (stray !== undefined) {
    const sentence = `one entry uses one connection: "${first.name}" and "${stray.name}" are two`;
    const hint = `write ${first.name} here too, or make two targets`;
    return { entry, mistakes: [{ path: [...path, ...stray.path], found: stray.name, sentence, hint }] };
  }
  const connection = member(catalog, "connections", first.name);
  if (textAt(connection, "kind") === connects.kind) return { entry: replaced(entry, { connection }), mistakes: [] };
  return { entry, mistakes: [unknownConnection(catalog, first, path, connects.kind)] };
}

type Named = { readonly name: string; readonly path: Path };

/** The connections that an entry names, each with its place in the entry. */
function namesIn(entry: unknown, { at, also = [] }: Connects): readonly Named[] {
  return [at, ...also].flatMap((path) =>
    placesAt(entry, path).flatMap((place) => {
      const [name] = (textAt(entry, ...place) ?? "").split("/");
      return name === undefined || name === "" ? [] : [{ name, path: place }];
    }),
  );
}

/** A path with each item of a list in the place of `*`. */
function placesAt(entry: unknown, path: readonly string[], before: Path = []): readonly Path[] {
  const star = path.indexOf("*");
  const whole = [...before, ...(star === -1 ? path : path.slice(0, star))];
  if (star === -1) return [whole];
  return listAt(entry, ...whole).flatMap((_, index) => placesAt(entry, path.slice(star + 1), [...whole, index]));
}

function unknownConnection(catalog: unknown, { name, path: at }: Named, path: Path, kind: string): Mistake {
  const names = entriesAt(catalog, "connections").flatMap(([each, found]) =>
    textAt(found, "kind") === kind ? [each] : [],
  );
  const near = nearest(name, names);
  return {
    path: [...path, ...at],
    found: name,
    allowed: names,
    sentence: `there is no connection "${name}" of the kind ${kind}`,
    hint:
      near !== undefined
        ? `did you mean ${near}?`
        : names.length > 0
          ? `allowed: ${names.join(", ")}`
          : `write it under connections: { ${name}: { kind: ${kind} } }`,
  };
}

/** The mapping with some of its keys put anew; anything else as it is. */
function replaced(value: unknown, parts: Readonly<Record<string, unknown>>): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries([
    ...entriesAt(value).filter(([key]) => !Object.hasOwn(parts, key)),
    ...Object.entries(parts),
  ]);
}
