import { z } from "zod";

/** An entry under `publish:` of a target, without its `values`. */
export const Config = z.strictObject({
  store: z.literal("pgbouncer-userlist"),
  file: z
    .string()
    .regex(/^\/[^\0]+$/, { error: "an absolute path" })
    .describe("the auth_file of PgBouncer; it must exist and lie in a folder that Keyturn may edit"),
});
export type Config = z.infer<typeof Config>;
