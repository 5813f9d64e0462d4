import { RE2JS } from "re2js";
import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { Argv, Env } from "../../process/argv.ts";

/** An entry under `checks:` of a target. */
export const Config = z.strictObject({
  kind: z.literal("command"),
  name: z.string().exactOptional().describe("what the thread calls it"),
  argv: Argv,
  env: Env,
  stdin: z.string().exactOptional().describe("a reference or template; the only way for a secret to reach the command"),
  code: z.int().min(0).max(255).default(0),
  match: z.string().refine(compiles, { error: "a pattern of RE2" }).exactOptional().describe("must be found in stdout"),
  timeout: Duration.default(30_000),
  settle: Duration.default(0),
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
