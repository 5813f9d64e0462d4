import { z } from "zod";

const noSecrets = { error: "no reference or template here: everybody on the host can read it; use stdin" };
const Word = z
  .string()
  .refine((word) => !/^(?:env|file):(?!\/\/)|\{\{/.test(word), noSecrets)
  .refine((word) => !/:\/\/[^\s/:@$]*:[^\s/@$]+@/.test(word), {
    error: "no password here: everybody on the host can read it, and the plan shows it",
  });

/** A command in a catalog. There is no shell, and secrets reach it by its input only. */
export const Argv = z
  .array(Word)
  .min(1)
  .describe("a program with its whole path, and its arguments; there is no shell");

/** A command that prints log lines. `{{since}}` (ISO 8601) or `{{since.seconds}}` says from when they are wanted. */
export const LogArgv = z
  .array(
    z.string().refine((word) => Word.safeParse(word.replaceAll(/\{\{since(?:\.seconds)?\}\}/g, "")).success, noSecrets),
  )
  .min(1)
  .describe(
    "a command; {{since}} (ISO 8601) or {{since.seconds}} in it stands for the time from which lines are wanted",
  );

/** The whole environment of a command; nothing is inherited. */
export const Env = z
  .record(z.string().regex(/^[A-Za-z_]\w*$/, { error: "the name of a variable" }), Word)
  .default({})
  .describe("the whole environment of the command; no secrets");
