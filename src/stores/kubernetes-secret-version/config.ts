import { z } from "zod";
import { ObjectAt } from "../../connections/kubernetes/place.ts";

/** An entry under `publish:` of a target, without its `values`. */
export const Config = z
  .strictObject({
    store: z.literal("kubernetes-secret-version"),
    at: ObjectAt.regex(/\/[^/]{1,63}$/, {
      error: "a name of at most 63 characters: every version bears it as a label",
    }).describe("connection/namespace/name of a Secret; its versions are called name-<rotation>-<number>"),
    immutable: z
      .boolean()
      .exactOptional()
      .describe("whether new versions can never be changed; default true, and never with `names: fixed`"),
    names: z
      .literal("fixed")
      .exactOptional()
      .describe("two Secrets that exist already, name-a and name-b, take turns, so that rights can be limited to them"),
  })
  .refine(({ names, immutable }) => names !== "fixed" || immutable !== true, {
    error: "Secrets with fixed names are written again and again, so they cannot be immutable",
    path: ["immutable"],
  });
export type Config = z.infer<typeof Config>;
