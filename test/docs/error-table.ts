import { codesIn, type Said } from "./error-codes.ts";
import { meanings } from "./error-meanings.ts";

export type Source = { readonly path: string; readonly text: string };
type Place = Said & { readonly path: string };

/** Every place in the sources where a code is given. */
export function placesOf(sources: readonly Source[]): readonly Place[] {
  return sources.flatMap(({ path, text }) => codesIn(text).map((said) => ({ ...said, path })));
}

/** The rows of the table in `docs/errors.md`, one per code, in alphabetical order. */
export function rowsFor(sources: readonly Source[]): readonly string[] {
  const places = placesOf(sources);
  const codes = [...new Set(places.map(({ code }) => code))].toSorted();
  return codes.map((code) => {
    const mine = places.filter((place) => place.code === code);
    const sentences = distinct(mine.map(({ sentence }) => sentence));
    const meaning = meanings[code];
    const words = [...sentences, ...(meaning === undefined ? [] : [meaning])];
    const cells = [
      `\`${code}\``,
      words.join("<br>"),
      distinct(mine.map(({ hint }) => hint)).join("<br>"),
      distinct(mine.map(({ path }) => partOf(path))).join(", "),
    ];
    return `| ${cells.map((cell) => cell.replaceAll(/\|(?=[^|]*$)/g, "\\|")).join(" | ")} |`;
  });
}

/** Codes whose sentence is put together elsewhere and that nobody has explained, and explanations that nobody needs. */
export function unexplained(sources: readonly Source[]): readonly string[] {
  const places = placesOf(sources);
  const bare = new Set(places.filter(({ sentence }) => sentence === "").map(({ code }) => code));
  const spoken = new Set(places.filter(({ sentence }) => sentence !== "").map(({ code }) => code));
  const silent = [...bare].filter((code) => !spoken.has(code));
  return [
    ...silent.filter((code) => meanings[code] === undefined).map((code) => `${code} has no sentence`),
    ...Object.keys(meanings)
      .filter((code) => !bare.has(code))
      .map((code) => `${code} needs no explanation`),
  ];
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== ""))];
}

/** "core", or the adapter: "rotators/redis-acl". */
function partOf(path: string): string {
  const [, folder = "", kind = "", file] = path.split("/");
  return file === undefined || folder === "core" ? folder : `${folder}/${kind}`;
}
