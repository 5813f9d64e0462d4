import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import type { Mistake, Problem } from "./problem.ts";
import { pathText } from "./problem.ts";

/** A YAML file as plain values, and where each of them stands. */
export type Source = { readonly value: unknown; readonly locate: (mistake: Mistake) => Problem };

const aliasLimit = 100;
const sizeLimit = 16 * 1024 * 1024;
/** After these the structure is still the one that was meant, so the other mistakes can be looked for too. */
const harmless = new Set(["DUPLICATE_KEY", "TAB_AS_INDENT"]);

/** Reads YAML 1.2. `source` is undefined when the structure cannot be trusted. Problems are all that YAML itself forbids. */
export function readSource(
  text: string,
  file: string,
): { readonly source: Source | undefined; readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const at = (offset: number, found: string, sentence: string, hint: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, path: "", found, allowed: [], hint, sentence };
  };
  if (text.length > sizeLimit) {
    lines.addNewLine(0);
    const problem = at(0, `${text.length} characters`, "the file is too large", `at most ${sizeLimit} characters`);
    return { source: undefined, problems: [problem] };
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: false });
  const problems = [...document.errors, ...document.warnings].map((error) => {
    const [sentence, hint] = said[error.code] ?? [lowered(error.message), "correct the YAML here"];
    const found = text.slice(error.pos[0], error.pos[0] + 40).split("\n")[0] ?? "";
    return at(error.pos[0], error.code === "DUPLICATE_KEY" ? found.replace(/:.*/, "") : error.code, sentence, hint);
  });
  problems.push(...aliasProblems(document, at));
  const isBroken =
    document.errors.some((error) => !harmless.has(error.code)) || problems.length > document.errors.length;
  const locate = (mistake: Mistake): Problem => {
    const { offset, isWide } = offsetOf(document, text, mistake);
    const { line, col } = lines.linePos(offset);
    const column = col + (isWide ? 0 : (mistake.offset ?? 0));
    const { found, hint, sentence, allowed = [] } = mistake;
    return { file, line, column, path: pathText(mistake.path), found, allowed, hint, sentence };
  };
  return { source: isBroken ? undefined : { value: plain(document), locate }, problems };
}

const said: Readonly<Record<string, readonly [sentence: string, hint: string]>> = {
  DUPLICATE_KEY: ["this key stands there twice", "remove one of the two"],
  TAB_AS_INDENT: ["a tab is no indentation in YAML", "use spaces"],
  MULTIPLE_DOCS: ["the file holds more than one document", "remove the line ---"],
};

/** Aliases may repeat a part, but not build a bomb of aliases of aliases. */
function aliasProblems(
  document: Document.Parsed,
  at: (offset: number, found: string, sentence: string, hint: string) => Problem,
): readonly Problem[] {
  const problems: Problem[] = [];
  let count = 0;
  visit(document, {
    Alias: (_key, alias, parents) => {
      count += 1;
      const offset = alias.range?.[0] ?? 0;
      const resolved = alias.resolve(document);
      const isNested = parents.some((parent) => "anchor" in parent && parent.anchor !== undefined);
      if (resolved === undefined)
        problems.push(at(offset, `*${alias.source}`, "this alias has no anchor before it", "define it with & first"));
      else if (isNested)
        problems.push(at(offset, `*${alias.source}`, "an anchored part holds an alias", "write the inner part out"));
      else if (count === aliasLimit + 1)
        problems.push(at(offset, `${count} aliases`, "the file has too many aliases", `at most ${aliasLimit}`));
    },
  });
  return problems;
}

function plain(document: Document.Parsed): unknown {
  const value: unknown = document.toJS({ maxAliasCount: aliasLimit });
  return value;
}

/** Walks to a place. A missing one is at the key of the mapping that lacks it. */
function offsetOf(
  document: Document.Parsed,
  text: string,
  mistake: Mistake,
): { readonly offset: number; readonly isWide: boolean } {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [index, part] of mistake.path.entries()) {
    const found = step(document, node, part);
    if (found === undefined) return { offset, isWide: true };
    const isLast = index === mistake.path.length - 1;
    const valueOffset = found.value?.range?.[0];
    const isOwnLine = isMap(found.value) || isSeq(found.value);
    offset = (isLast && mistake.at === "key") || isOwnLine || valueOffset === undefined ? found.keyOffset : valueOffset;
    node = found.value;
  }
  if (mistake.at === "key" || !isScalar(node)) return { offset, isWide: true };
  const isQuoted = text[offset] === '"' || text[offset] === "'";
  return {
    offset: isQuoted && mistake.offset !== undefined ? offset + 1 : offset,
    isWide: /[|>]/.test(text[offset] ?? ""),
  };
}

function step(
  document: Document.Parsed,
  from: Node | null,
  part: string | number,
): { readonly keyOffset: number; readonly value: Node | null } | undefined {
  const node = isAlias(from) ? from.resolve(document) : from;
  if (isMap<Node, Node | null>(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    return pair === undefined ? undefined : { keyOffset: pair.key.range?.[0] ?? 0, value: pair.value };
  }
  if (!isSeq<Node>(node) || typeof part !== "number") return undefined;
  const item = node.items[part];
  return item === undefined ? undefined : { keyOffset: item.range?.[0] ?? 0, value: item };
}

function lowered(message: string): string {
  return (message.slice(0, 1).toLowerCase() + message.slice(1)).replace(/\.$/, "");
}
