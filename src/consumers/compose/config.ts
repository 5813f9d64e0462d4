import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { Env } from "../../process/argv.ts";

const Name = z.string().regex(/^[a-zA-Z0-9][\w.-]{0,62}$/, { error: "letters, digits, dot, - and _" });

/** An entry under `consumers:` of a target. */
export const Config = z
  .strictObject({
    kind: z.literal("compose"),
    file: z.string().startsWith("/").describe("the compose file; its folder is where compose looks for .env"),
    project: Name,
    service: Name,
    variables: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/), z.string())
      .refine((variables) => Object.keys(variables).length > 0, { error: "names at least one variable" })
      .describe("a variable of the container, and the store key whose value it must hold unchanged"),
    docker: z.string().startsWith("/").default("/usr/bin/docker"),
    env: Env,
    timeout: Duration.default(60_000).describe("of one recreation"),
    within: Duration.default(180_000).describe(
      "how long its containers may take to settle; a recreation that fails is tried again as long",
    ),
  })
  .refine(({ env, variables }) => Object.values(variables).every((key) => env[key] === undefined), {
    error: "what stands in env wins over the .env file, so it must not name a store key",
    path: ["env"],
  });
export type Config = z.infer<typeof Config>;
