import { RE2JS } from "re2js";
import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { LogArgv } from "../../process/argv.ts";

const Pattern = z
  .string()
  .refine(compiles, { error: "a pattern of RE2 (no look-around, no back-references)" })
  .describe("a regular expression of RE2, matched without regard to case");

/** An entry under `checks:` of a target. */
export const Config = z
  .strictObject({
    kind: z.literal("logs"),
    of: z.literal("consumers").exactOptional().describe("the logs of every consumer of the target"),
    files: z.array(z.string().startsWith("/")).default([]),
    commands: z.array(LogArgv).default([]),
    pattern: Pattern.default("auth.*error|unauthorized|forbidden"),
    window: Duration.default(300_000).refine((ms) => ms > 0, { error: "longer than nothing" }),
    floor: z.number().min(0).default(0).describe("matches per minute and instance that are normal whatever was before"),
    settle: Duration.exactOptional().describe("default: the window"),
  })
  .refine(({ of, files, commands }) => of !== undefined || files.length + commands.length > 0, {
    error: "says whose logs to read: of: consumers, files or commands",
  });
export type Config = z.infer<typeof Config>;

function compiles(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}
