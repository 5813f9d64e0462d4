import { KeyturnError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";

type Options = {
  readonly usage: string;
  /** How many words stand there besides the options. */
  readonly words: readonly [least: number, most: number];
  readonly flags?: readonly string[];
  /** Options that a value follows. */
  readonly values?: readonly string[];
};

/** What stands on the command line behind the command. */
export type Words = {
  readonly words: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: Readonly<Record<string, string>>;
};

/**
 * Reads the words behind a command. A misspelled option is never passed over: `--liv` would look like a live look that found
 * nothing. Throws KeyturnError("usage").
 */
export function readWords(
  args: readonly string[],
  { usage, words: [least, most], flags = [], values = [] }: Options,
): Words {
  const found: { words: string[]; flags: Set<string>; values: Record<string, string> } = {
    words: [],
    flags: new Set(),
    values: {},
  };
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (flags.includes(arg)) {
      found.flags.add(arg);
    } else if (values.includes(arg)) {
      at += 1;
      const value = args[at];
      if (value === undefined || value.startsWith("--")) {
        throw wrong(`${arg} needs a value`, usage);
      }
      found.values[arg] = value;
    } else if (arg.startsWith("-")) {
      const meant = nearest(arg, [...flags, ...values]);
      throw wrong(`there is no option ${arg}${meant === undefined ? "" : `; did you mean ${meant}?`}`, usage);
    } else {
      found.words.push(arg);
    }
  }
  if (found.words.length < least || found.words.length > most) {
    throw wrong(
      found.words.length < least ? "something is missing" : `"${found.words[most] ?? ""}" is one word too many`,
      usage,
    );
  }
  return found;
}

function wrong(sentence: string, usage: string): KeyturnError {
  return new KeyturnError("usage", sentence, { hint: `usage: keyturn ${usage}` });
}
