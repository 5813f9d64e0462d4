import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { Argv, Env } from "../../process/argv.ts";
import { Wanted } from "../program.ts";

/** An entry under `checks:` of a target. */
export const Config = z.strictObject({
  kind: z.literal("command"),
  name: z.string().exactOptional().describe("what the thread calls it"),
  argv: Argv,
  env: Env,
  stdin: z.string().exactOptional().describe("a reference or template; the only way for a secret to reach the command"),
  ...Wanted,
  timeout: Duration.default(30_000),
  settle: Duration.default(0),
});
