/**
 * One mistake in the user's file. `line` and `column` count from 1. `path`: where in the structure
 * ("targets[0].publish[1].store"). `found` never holds a value that could be a secret. `allowed`: what may stand there.
 */
export type Problem = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly found: string;
  readonly allowed: readonly string[];
  readonly hint: string;
  readonly sentence: string;
};

/** A place in the structure, from the root. */
export type Path = readonly (string | number)[];

/** A problem whose line is not known yet. `at`: the key itself, or the value (default). `offset`: characters into a one-line text. */
export type Mistake = {
  readonly path: Path;
  readonly at?: "key" | "value";
  readonly offset?: number;
  /** For a key that is not known: the one that was probably meant. */
  readonly meant?: string;
  readonly found: string;
  readonly allowed?: readonly string[];
  readonly hint: string;
  readonly sentence: string;
};

/** How a path is written for people. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

const sensitive = /pass|secret|token|key|credential|auth|pwd/i;

/** What stands in the file, as far as it may be shown: no text under a key that sounds secret, no long text, no login in a URL. */
export function shown(value: unknown, path: Path): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "a mapping";
  if (typeof value !== "string") return JSON.stringify(value);
  const isReference = /^(?:env|file):[\w./-]*$/.test(value);
  const names = path.filter((part) => typeof part === "string");
  // A target is named by `secret:`, which is public; every other key that sounds secret may hold one by mistake.
  const isHidden = names.at(-1) !== "secret" && names.some((name) => sensitive.test(name));
  if (isReference || (!isHidden && value.length <= 60 && !/:\/\/[^/]*@/.test(value))) return value;
  return `a text of ${value.length} characters`;
}
