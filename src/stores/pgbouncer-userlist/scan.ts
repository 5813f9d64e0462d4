/**
 * One line of a userlist that names a user. Positions are offsets into the text: `start` to `end` covers the line with its
 * end, `secretStart` to `secretEnd` what stands between the second pair of quotes.
 */
export type UserLine = {
  readonly user: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly secretStart: number;
  readonly secretEnd: number;
};

export type Scan = { readonly users: readonly UserLine[]; readonly broken: readonly number[] };

const space = /^[ \t\v\f\r]*(?:;|$)/;
/** Without a blank between the pairs a reader would take the quotes in the middle for one that is doubled. */
const entry = /^([ \t\v\f]*")((?:[^"]|"")*)("[ \t\v\f]+")((?:[^"]|"")*)"(?!")/;

/**
 * Finds every user of PgBouncer's auth_file: `"name" "secret"`, a quote in either doubled, whatever follows ignored; lines
 * that are blank or begin with a semicolon are passed over. `broken`: numbers of all other lines. PgBouncer does not
 * read by lines: at such a one it gives up, or takes quotes of later lines for its own.
 */
export function scan(text: string): Scan {
  const users: UserLine[] = [];
  const broken: number[] = [];
  let start = 0;
  let line = 1;
  for (const whole of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const end = start + whole.length;
    const content = whole.replace(/\n$/, "");
    const [, open = "", name = "", between = "", secret = ""] = entry.exec(content) ?? [];
    if (between !== "") {
      const secretStart = start + open.length + name.length + between.length;
      users.push({ user: unquoted(name), line, start, end, secretStart, secretEnd: secretStart + secret.length });
    } else if (!space.test(content)) {
      broken.push(line);
    }
    start = end;
    line += 1;
  }
  return { users, broken };
}

/** The inverse of `quoted`. */
export function unquoted(text: string): string {
  return text.replaceAll('""', '"');
}

/** As it stands between quotes. */
export function quoted(text: string): string {
  return text.replaceAll('"', '""');
}
