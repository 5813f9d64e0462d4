/** How many bytes of a statement are looked at. */
export const sqlLimit = 8192;

const textLimit = 400;

/** A string literal (plain, E'', dollar quotes; an unfinished one to its end), or what only looks like the start of one. */
const tokens =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"]|"")*(?:"|$)|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|\$([A-Za-z_]\w*|)\$[\s\S]*?(?:\$\1\$|$)/g;

/** A statement on one line without its comments and with `'?'` for each string literal, since one may be a password. */
export function sqlText(sql: string): string {
  const safe = sql.replaceAll(tokens, (token) => {
    if (token.startsWith('"')) return token;
    return token.startsWith("--") || token.startsWith("/*") ? " " : "'?'";
  });
  return safe.replaceAll(/\s+/g, " ").trim().slice(0, textLimit);
}
