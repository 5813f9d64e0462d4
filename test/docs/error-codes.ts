import { byComma, type Piece, readPieces } from "./source-groups.ts";

/** One place in the source where a code is given, with its sentence and hint as far as they are written beside it. */
export type Said = {
  readonly code: string;
  readonly sentence: string;
  readonly hint: string;
  readonly holes: readonly string[];
};

const errors = ["KeyturnError", "TryLater", "GiveUp", "super"];
/** How zod calls what a refinement adds; never shown. */
const zodOwn = "custom";
const wellFormed = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/**
 * Every code that a source text gives to an error, a finding, a refusal, a reason or a verdict: `new GiveUp("code", ...)`,
 * `{ code: "code", ... }`, and calls of the functions of this file whose first parameter is `code: string`.
 */
export function codesIn(source: string): readonly Said[] {
  const makers = [...errors, ...makersIn(source)];
  const known: Known = new Map();
  return groupsOf(readPieces(source), known).flatMap(({ group, before, known: then }) => {
    if (group.open === "{") return saidInObject(group.parts, then);
    return group.open === "(" && makers.includes(before) ? saidInCall(group.parts, then) : [];
  });
}

/** Errors of ours whose code is no literal: they must pass on one that stands elsewhere. */
export function passedOn(source: string): readonly string[] {
  return groupsOf(readPieces(source), new Map()).flatMap(({ group, before }) => {
    const [first = []] = byComma(group.parts);
    const isError = group.open === "(" && errors.slice(0, 3).includes(before);
    return isError && literalsIn(first).length === 0 ? [first.map(textOf).join("")] : [];
  });
}

function makersIn(source: string): readonly string[] {
  return [...source.matchAll(/\b(\w+)(?: = )?\(code: string/g)].flatMap(([, name = ""]) =>
    name === "constructor" ? [] : [name],
  );
}

type Group = Extract<Piece, { kind: "group" }>;
/** What the constants above a place hold, by name. */
type Known = ReadonlyMap<string, readonly Piece[]>;
type Found = { readonly group: Group; readonly before: string; readonly known: Known };

function groupsOf(parts: readonly Piece[], outer: Known): readonly Found[] {
  const known = new Map(outer);
  return parts.flatMap((part, index) => {
    if (part.kind === "word" && part.text === "const") learn(parts.slice(index + 1), known);
    if (part.kind !== "group") return [];
    const previous = parts[index - 1];
    const before = previous?.kind === "word" ? previous.text : "";
    return [{ group: part, before, known: new Map(known) }, ...groupsOf(part.parts, known)];
  });
}

function learn([name, equals, ...rest]: readonly Piece[], known: Map<string, readonly Piece[]>): void {
  if (name?.kind !== "word" || !isWord(equals, "=")) return;
  const end = rest.findIndex((part) => isWord(part, ";") || isWord(part, "const"));
  known.set(name.text, rest.slice(0, end === -1 ? rest.length : end));
}

function saidInCall(parts: readonly Piece[], known: Known): readonly Said[] {
  const [code = [], sentence = [], third = []] = byComma(parts);
  const options = third.find((part) => part.kind === "group" && part.open === "{");
  const hint = options?.kind === "group" ? member(options.parts, "hint") : third;
  return said(code, sentence, hint, known);
}

function saidInObject(parts: readonly Piece[], known: Known): readonly Said[] {
  const sentence = member(parts, "sentence");
  const words = sentence.length > 0 ? sentence : member(parts, "reason");
  return said(member(parts, "code"), words, member(parts, "hint"), known);
}

/** The value of a key; `{ sentence }` is the constant of that name. */
function member(parts: readonly Piece[], name: string): readonly Piece[] {
  const found = byComma(parts).find(([key]) => isWord(key, name)) ?? [];
  return found.length === 1 ? found : found.slice(2);
}

function said(
  code: readonly Piece[],
  sentence: readonly Piece[],
  hint: readonly Piece[],
  known: Known,
): readonly Said[] {
  const spoken = literalsIn(resolved(sentence, known));
  const advised = literalsIn(resolved(hint, known));
  const codes = literalsIn(code).filter(({ text }) => wellFormed.test(text) && text !== zodOwn);
  const inStep = codes.length > 1 && codes.length === spoken.length;
  return codes.map(({ text }, index) => ({
    code: text,
    sentence: wordsOf(inStep ? spoken.slice(index, index + 1) : spoken),
    hint: wordsOf(advised),
    holes: [...spoken, ...advised].flatMap(({ holes }) => holes),
  }));
}

function resolved(parts: readonly Piece[], known: Known): readonly Piece[] {
  const [only] = parts;
  return parts.length === 1 && only?.kind === "word" ? (known.get(only.text) ?? parts) : parts;
}

type Literal = Extract<Piece, { kind: "literal" }>;

/** The texts of an expression; where it chooses between several, all of them. */
function wordsOf(literals: readonly Literal[]): string {
  return literals
    .map(({ text }) => text)
    .filter((text) => /[a-z]{2}/i.test(text))
    .join(" / ");
}

/** Literals of an expression, also inside brackets; not those that something is compared with. */
function literalsIn(parts: readonly Piece[]): readonly Literal[] {
  return parts.flatMap((part, index) => {
    const before = parts[index - 1];
    if (part.kind === "group") return part.open === "(" && isPlain(before) ? literalsIn(part.parts) : [];
    return part.kind === "literal" && !isWord(before, "=") ? [part] : [];
  });
}

/** Brackets after a name are a call, whose arguments say something else. */
function isPlain(before: Piece | undefined): boolean {
  return before === undefined || (before.kind === "word" && /^[^\w$]$/.test(before.text));
}

function isWord(part: Piece | undefined, text: string): boolean {
  return part?.kind === "word" && part.text === text;
}

function textOf(part: Piece): string {
  return part.kind === "group" ? `${part.open}...` : part.text;
}
