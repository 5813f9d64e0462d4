import type { Token } from "./token.ts";

const grammar = /^((?:[a-z][a-z0-9+.-]*:)+\/\/)(?:([^/?#]*)@)?([^/?#@]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/di;

/**
 * A URL with an authority (`jdbc:` and the like may stand before it): user, password, host (with ports, as libpq and
 * MongoDB list several), path, each query key. Also takes a password in which somebody left an @ as it is.
 */
export function urlTokens(text: string): readonly Token[] | undefined {
  const parts = /\s/.test(text) ? undefined : grammar.exec(text)?.indices;
  if (parts === undefined) return undefined;
  const [, , userInfo, host, path, query, fragment] = parts;
  const tokens: Token[] = userInfo === undefined ? [] : userTokens(text, userInfo[0], userInfo[1]);
  if (host !== undefined) tokens.push({ path: "host", from: host[0], to: host[1] });
  if (path !== undefined) tokens.push({ path: "path", from: path[0], to: path[1] });
  if (query !== undefined) tokens.push(...queryTokens(text.slice(query[0], query[1]), query[0]));
  if (fragment !== undefined) tokens.push({ path: "fragment", from: fragment[0], to: fragment[1] });
  return tokens;
}

function userTokens(text: string, from: number, to: number): Token[] {
  const colon = text.slice(from, to).indexOf(":");
  if (colon === -1) return [{ path: "user", from, to }];
  return [
    { path: "user", from, to: from + colon },
    { path: "password", from: from + colon + 1, to },
  ];
}

function queryTokens(query: string, offset: number): readonly Token[] {
  return [...query.matchAll(/([^=&]+)=([^&]*)/g)].map((pair) => {
    const [, key = "", value = ""] = pair;
    const from = offset + pair.index + key.length + 1;
    return { path: `query:${key}`, from, to: from + value.length };
  });
}
