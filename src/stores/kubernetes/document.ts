import { isDeepStrictEqual } from "node:util";
import {
  Composer,
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Parser,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { insertPair, removePair } from "./pairs.ts";

export type Edited = { readonly text: string } | { readonly problem: string };
type Read = { readonly value: string | undefined } | { readonly problem: string };
type Parsed = { readonly document: Document.Parsed; readonly tokens: readonly CST.Token[]; readonly isJson: boolean };

/** The text at a path of a YAML or JSON document; undefined where it is not there. A problem is a clause without values. */
export function readField(text: string, path: readonly string[]): Read {
  const parsed = parse(text);
  if ("problem" in parsed) return parsed;
  const found = find(parsed.document, path);
  return "problem" in found ? found : { value: found.node?.value };
}

/**
 * The document with another text at a path (undefined removes it), everything else byte for byte: comments, order, quotes,
 * line ends. A missing field is added to its mapping, which must exist. What was made is read again: it differs from the old
 * one in this field only, or nothing is given back.
 */
export function editField(text: string, path: readonly string[], value: string | undefined): Edited {
  const parsed = parse(text);
  if ("problem" in parsed) return parsed;
  const found = find(parsed.document, path);
  if ("problem" in found) return found;
  if (found.node?.value === value) return { text };
  const beside = without(parsed.document, path);
  if (beside === undefined) return { problem: "is in a document whose aliases stand for too much to compare" };
  for (const next of candidates(text, parsed, found, path.at(-1) ?? "", value)) {
    if (isOnlyChange(parsed.document, beside, next, path, value)) return { text: next };
  }
  return { problem: "cannot be changed there without touching what stands beside it" };
}

function* candidates(
  text: string,
  { tokens, isJson }: Parsed,
  { node, parent }: Found,
  key: string,
  value: string | undefined,
): Generator<string> {
  if (value === undefined) {
    yield removePair(text, parent, key);
    return;
  }
  const quoted = JSON.stringify(value);
  if (node === undefined) {
    if (!isJson && /^[^\s"'\\{}[\],#&*!|>%@`:?-][^\s"'\\{}[\],#:]*$/.test(value)) {
      yield insertPair(text, parent, key, value, false);
    }
    yield insertPair(text, parent, key, quoted, isJson);
    return;
  }
  const [from, to] = node.range ?? [0, 0];
  const isBlock = node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
  const eol = text.slice(from, to).includes("\r\n") ? "\r\n" : "\n";
  if (!isJson && node.srcToken !== undefined && (isBlock || !/[\n\r]/.test(value))) {
    CST.setScalarValue(node.srcToken, value, { afterKey: true, inFlow: parent.flow === true });
    if (node.srcToken.type === "block-scalar") node.srcToken.source = node.srcToken.source.replaceAll("\n", eol);
    yield tokens.map((token) => CST.stringify(token)).join("");
  }
  yield `${text.slice(0, from)}${quoted}${isBlock && to > from ? eol : ""}${text.slice(to)}`;
}

function parse(text: string): Parsed | { readonly problem: string } {
  const tokens = [...new Parser().parse(text)];
  const documents = [...new Composer({ keepSourceTokens: true }).compose(tokens, true, text.length)];
  const [document] = documents;
  if (document === undefined || documents.length > 1) return { problem: "is not in one document" };
  const [error] = document.errors;
  if (error === undefined) return { document, tokens, isJson: isJson(text) };
  return {
    problem: `is in a document that is neither YAML nor JSON (${error.code} at line ${lineAt(text, error.pos[0])})`,
  };
}

type Found = { readonly node: Scalar<string> | undefined; readonly parent: YAMLMap };

function find(document: Document.Parsed, path: readonly string[]): Found | { readonly problem: string } {
  let parent: unknown = document.contents;
  for (const [index, key] of path.entries()) {
    if (isAlias(parent)) return { problem: "lies behind an alias: the anchored value would change for others too" };
    const isLast = index === path.length - 1;
    const node: unknown = nodeAt(parent, key);
    if (isLast && isMap(parent)) return fieldOf(node, parent);
    if (node === undefined || isLast) {
      return {
        problem: isLast
          ? "is an item of a list, or of nothing"
          : `has no mapping at ${pointerOf(path.slice(0, index + 1))}`,
      };
    }
    parent = node;
  }
  return { problem: "names no field" };
}

function nodeAt(parent: unknown, key: string): unknown {
  if (isMap(parent)) return parent.get(key, true) ?? parent.get(Number(key), true);
  return isSeq(parent) && /^\d+$/.test(key) ? parent.items[Number(key)] : undefined;
}

function fieldOf(node: unknown, parent: YAMLMap): Found | { readonly problem: string } {
  if (node === undefined) return { node: undefined, parent };
  if (isAlias(node)) return { problem: "is an alias: the anchored value would change for others too" };
  if (!isScalar(node) || !isText(node)) return { problem: "does not hold text; put it into quotes" };
  if (node.anchor !== undefined || node.tag !== undefined) return { problem: "has an anchor or a tag" };
  return { node, parent };
}

function isText(node: Scalar): node is Scalar<string> {
  return typeof node.value === "string";
}

function isOnlyChange(
  before: Document.Parsed,
  beside: object,
  text: string,
  path: readonly string[],
  value: string | undefined,
): boolean {
  const after = parse(text);
  if ("problem" in after) return false;
  const found = find(after.document, path);
  if ("problem" in found || found.node?.value !== value) return false;
  if (found.node?.type === "PLAIN" && !isTextToOlder(found.node.value)) return false;
  return isDeepStrictEqual(beside, without(after.document, path)) && keepsComments(before, after.document, path);
}

/** Whether a plain scalar is text to readers of YAML 1.1 as well, to whom `yes` is a boolean and `1_000` a number. */
function isTextToOlder(value: string): boolean {
  const { contents } = parseDocument(value, { version: "1.1" });
  return isScalar(contents) && contents.value === value;
}

/** So many nodes may aliases stand for, all together. */
const maxAliasCount = 10_000;

/** The document's value without one field; undefined where aliases blow it up. */
function without(document: Document.Parsed, path: readonly string[]): object | undefined {
  const root = valueOf(document);
  if (root === undefined) return undefined;
  let parent: unknown = root;
  for (const key of path.slice(0, -1))
    parent = isMapping(parent) ? (parent.get(key) ?? parent.get(Number(key))) : itemOf(parent, key);
  const last = path.at(-1) ?? "";
  if (isMapping(parent) && !parent.delete(last)) parent.delete(Number(last));
  return root;
}

function valueOf(document: Document.Parsed): object | undefined {
  try {
    const value: unknown = document.toJS({ mapAsMap: true, maxAliasCount });
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isMapping(value: unknown): value is Map<unknown, unknown> {
  return value instanceof Map;
}

function itemOf(parent: unknown, key: string): unknown {
  return Array.isArray(parent) ? parent[Number(key)] : undefined;
}

/** Comments are part of no value: they must all still be there. */
function keepsComments(before: Document.Parsed, after: Document.Parsed, path: readonly string[]): boolean {
  const comments = (document: Document.Parsed): string => {
    const copy = document.clone();
    copy.deleteIn(path);
    return String(copy).replaceAll(/^[^#]*$/gm, "");
  };
  return comments(before) === comments(after);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function pointerOf(path: readonly string[]): string {
  return `/${path.map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
}
