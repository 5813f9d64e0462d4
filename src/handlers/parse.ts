import { Duration } from "../core/duration.ts";
import { nearest } from "../core/nearest.ts";
import { looksSecret } from "./secret-like.ts";

/** What somebody typed, understood. `words`: what stood there besides the known words, to be matched with the catalog. */
export type Asked =
  | { readonly kind: "help" }
  | { readonly kind: "list"; readonly environment: string | undefined }
  | { readonly kind: "status"; readonly what: string | undefined }
  | {
      readonly kind: "press";
      readonly verb: TypedVerb;
      readonly what: string | undefined;
      readonly ms: number | undefined;
      readonly because: string;
    }
  | {
      readonly kind: "plan" | "rotate";
      readonly words: readonly string[];
      readonly leaked: boolean;
      /** What is accepted beside the current credential already may be given up. */
      readonly release: boolean;
      /** The group after the word "via". */
      readonly via: string | undefined;
      readonly because: string;
    }
  /** It looks like a secret: nothing of it may be repeated. */
  | { readonly kind: "secret" }
  | { readonly kind: "unclear"; readonly sentence: string; readonly nearest: readonly string[] };

export type TypedVerb = "cancel" | "hold" | "resume" | "roll-back" | "look-again" | "extend-grace";

/** Reads the text of a command or of a mention. Pure; never throws. */
export function parseWords(text: string): Asked {
  const plainText = unescaped(text);
  if (looksSecret(plainText)) {
    return { kind: "secret" };
  }
  const { before, because } = split(plainText);
  const words = before.filter((word) => word !== "");
  const first = words[0]?.toLowerCase();
  if (first === undefined) {
    return { kind: "help" };
  }
  const rest = words.slice(1);
  switch (first) {
    case "help":
    case "?":
      return { kind: "help" };
    case "list":
      return { kind: "list", environment: rest[0] };
    case "status":
      return { kind: "status", what: joined(rest) };
    case "plan":
      return target("plan", rest, because);
    case "rotate":
      return target("rotate", rest, because);
    default:
      return press(words, because) ?? target("rotate", words, because);
  }
}

function press(words: readonly string[], because: string): Asked | undefined {
  for (const [typed, verb] of verbs) {
    const said = typed.split(" ");
    if (said.every((word, index) => words[index]?.toLowerCase() === word)) {
      const rest = words.slice(said.length);
      const ms = rest.map((word) => Duration.safeParse(word)).find(({ success }) => success)?.data;
      return {
        kind: "press",
        verb,
        what: joined(rest.filter((word) => verb !== "extend-grace" || !Duration.safeParse(word).success)),
        ms,
        because,
      };
    }
  }
  return undefined;
}

/** What may stand first, for whoever mistyped it. */
export function commandMeant(word: string): string | undefined {
  return nearest(word, ["help", "list", "status", "plan", ...verbs.map(([typed]) => typed)]);
}

const verbs: readonly (readonly [string, TypedVerb])[] = [
  ["cancel", "cancel"],
  ["hold", "hold"],
  ["resume", "resume"],
  ["roll back", "roll-back"],
  ["rollback", "roll-back"],
  ["roll-back", "roll-back"],
  ["look again", "look-again"],
  ["extend grace", "extend-grace"],
];

function target(kind: "plan" | "rotate", all: readonly string[], because: string): Asked {
  const said = (known: string): boolean => all.some((word) => word.toLowerCase() === known);
  const leaked = said("leaked");
  const release = said("release");
  const rest = all.filter((word) => !["leaked", "release"].includes(word.toLowerCase()));
  const at = rest.findIndex((word) => word.toLowerCase() === "via");
  const via = at === -1 ? undefined : rest[at + 1];
  if (at !== -1 && via === undefined) {
    return { kind: "unclear", sentence: "after “via” comes the group that is asked instead", nearest: [] };
  }
  const words = at === -1 ? rest : rest.toSpliced(at, 2);
  if (words.length > 2) {
    const extra = words.slice(2);
    const meant = [
      ...extra.map((word) => nearest(word, ["leaked", "because", "via"])),
      ...words.slice(0, 1).map(commandMeant),
    ].find((word) => word !== undefined);
    return {
      kind: "unclear",
      sentence: `a secret and an environment are two words; ${String(extra.length)} more ${extra.length === 1 ? "word was" : "words were"} not understood`,
      nearest: meant === undefined ? [] : [meant],
    };
  }
  return words.length === 0 ? { kind: "help" } : { kind, words, leaked, release, via, because };
}

/** What stands before the word "because", as words, and the reason after it. */
function split(text: string): { before: string[]; because: string } {
  const words = text.split(/\s+/);
  const at = words.findIndex((word) => bare(word).toLowerCase() === "because");
  const before = (at === -1 ? words : words.slice(0, at)).map(bare);
  return {
    before,
    because:
      at === -1
        ? ""
        : words
            .slice(at + 1)
            .join(" ")
            .slice(0, longestReason),
  };
}

/** A word without the punctuation around it; an id or a name never begins or ends with any. */
function bare(word: string): string {
  return word.replace(/^["'(]+/, "").replace(/["'),.;:!]+$/, "");
}

function joined(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(" ");
}

/**
 * What the person typed, out of what Slack made of it: mention and link tokens become words, entities become characters,
 * and the quotation marks and dashes that phones put in become plain ones. A leading mention of the app is left out.
 */
export function unescaped(text: string): string {
  return text
    .replace(/^\s*<@[A-Z0-9]+(?:\|[^>]*)?>\s*/, "")
    .replaceAll(/<@([A-Z0-9]+)(?:\|([^>]*))?>/g, (_all, id: string, name: string | undefined) => `@${name ?? id}`)
    .replaceAll(/<#([A-Z0-9]+)(?:\|([^>]*))?>/g, (_all, id: string, name: string | undefined) => `#${name ?? id}`)
    .replaceAll(
      /<!(?:subteam\^)?([^|>]+)(?:\|@?([^>]*))?>/g,
      (_all, id: string, name: string | undefined) => `@${name ?? id}`,
    )
    .replaceAll(/<([^|>\s]+)(?:\|[^>]*)?>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replaceAll(/[“”„«»]/g, '"')
    .replaceAll(/[‘’‚]/g, "'")
    .replaceAll(/[–—−]/g, "-")
    .replaceAll(/[\u00a0\u2007\u202f]/g, " ")
    .trim();
}

const longestReason = 500;
