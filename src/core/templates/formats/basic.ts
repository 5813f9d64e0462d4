import type { Token } from "./token.ts";

/** What stands behind the word Basic in an Authorization header, or alone: "name:password" in base64 (RFC 7617). */
export function basicTokens(text: string): readonly Token[] | undefined {
  const from = /^Basic +/i.exec(text)?.[0].length ?? 0;
  const to = text.trimEnd().length;
  return from < to && !/\s/.test(text.slice(from, to)) ? [{ path: "credentials", from, to }] : undefined;
}
