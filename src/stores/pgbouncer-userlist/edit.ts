import { fromBytes, toBytes } from "../file/bytes.ts";
import type { Patch } from "../file/grammar.ts";
import { quoted, scan, unquoted } from "./scan.ts";

/** The secrets of the users that are there, by user name. Texts are the file's bytes as latin1. */
export function valuesOf(text: string, keys: readonly string[]): ReadonlyMap<string, string> {
  const wanted = new Set(keys);
  return new Map(
    scan(text)
      .users.map((found) => [fromBytes(found.user), found] as const)
      .filter(([user]) => wanted.has(user))
      .map(([user, found]) => [user, fromBytes(unquoted(text.slice(found.secretStart, found.secretEnd)))]),
  );
}

/**
 * The text with the patch applied; every byte outside the secrets of its users stays. A new user goes to the end, a removed
 * one takes its line with it. Answers the user whose secret could not be read back the same, if there is one.
 */
export function edit(text: string, patch: Patch): { readonly text: string } | { readonly unstorable: string } {
  const missing = new Map(patch);
  let result = text;
  for (const found of scan(text).users.toReversed()) {
    const user = fromBytes(found.user);
    if (!patch.has(user)) continue;
    missing.delete(user);
    const secret = patch.get(user);
    result =
      secret === undefined
        ? withoutLine(result, found.start, found.end)
        : result.slice(0, found.secretStart) + quoted(toBytes(secret)) + result.slice(found.secretEnd);
  }
  for (const [user, secret] of missing) {
    if (secret !== undefined) result = withLine(result, `"${quoted(toBytes(user))}" "${quoted(toBytes(secret))}"`);
  }
  const read = valuesOf(result, [...patch.keys()]);
  const [wrong] = [...patch].find(([user, secret]) => read.get(user) !== secret || !isOneLine(secret)) ?? [];
  return wrong === undefined ? { text: result } : { unstorable: wrong };
}

function isOneLine(secret: string | undefined): boolean {
  return secret === undefined || !/[\n\r\0]/.test(secret);
}

/** Where the last line had no line end, the one before it has none afterwards: adding and removing a user changes nothing. */
function withoutLine(text: string, start: number, end: number): string {
  const before = text.slice(0, start);
  return text.slice(start, end).endsWith("\n") ? before + text.slice(end) : before.replace(/\r?\n$/, "");
}

function withLine(text: string, line: string): string {
  const eol = /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n";
  return text === "" || text.endsWith("\n") ? text + line + eol : text + eol + line;
}
