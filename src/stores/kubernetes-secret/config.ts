import { z } from "zod";
import { ObjectAt } from "../../connections/kubernetes/place.ts";

/** An entry under `publish:` of a target, without its `values`. */
export const Config = z.strictObject({
  store: z.literal("kubernetes-secret"),
  at: ObjectAt.describe("connection/namespace/name of a Secret that exists"),
});
export type Config = z.infer<typeof Config>;
