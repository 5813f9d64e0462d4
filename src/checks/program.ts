import { RE2JS } from "re2js";
import { z } from "zod";
import { redact } from "../core/redaction.ts";
import type { Secret } from "../core/secret.ts";
import { signatureOf } from "../core/signature.ts";
import type { Look } from "./looks.ts";

/** What a program must end with, as the entries of checks that run one have it. */
export const Wanted = {
  code: z.int().min(0).max(255).default(0),
  match: z
    .string()
    .refine(compiles, { error: "a pattern of RE2" })
    .exactOptional()
    .describe("must be found in stdout, whose last line end is cut off"),
};

type Ended = {
  readonly code: number | null;
  /** What ended it, where it did not end by itself. */
  readonly signal?: string | null;
  readonly stdout: string;
  readonly stderr: string;
};

/**
 * How a program ended, compared with how it must end: "code" and "match" are what can fail. Of its output only a signature of
 * the last line is told, and only when something failed; `known` secrets are masked before. RE2 takes time that grows with the
 * text only.
 */
export function endOf(
  { code, signal, stdout, stderr }: Ended,
  wanted: { readonly code: number; readonly match?: string },
  known: readonly Secret[],
): Look {
  const matched =
    wanted.match === undefined ||
    RE2JS.compile(wanted.match)
      .matcher(stdout.replace(/\r?\n$/, ""))
      .find();
  const failed = [...(code === wanted.code ? [] : ["code"]), ...(matched ? [] : ["match"])];
  const output = redact(stderr.trim() === "" ? stdout : stderr, known).trim();
  const last = failed.length === 0 ? "" : signatureOf(output.split("\n").at(-1) ?? "");
  const ended = `ended with ${signal ?? code ?? "no code"}`;
  const why = [ended, ...(matched ? [] : ["its output does not match"]), ...(last === "" ? [] : [last])];
  return { failed, summary: why.join(", ") };
}

function compiles(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}
