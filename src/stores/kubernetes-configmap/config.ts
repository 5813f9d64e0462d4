import { z } from "zod";
import { ObjectAt } from "../../connections/kubernetes/place.ts";
import { HelmKeeps } from "../kubernetes/ownership.ts";

/** An entry under `publish:` of a target, without its `values`. */
export const Config = z.strictObject({
  store: z.literal("kubernetes-configmap"),
  at: ObjectAt.describe("connection/namespace/name of a ConfigMap that exists"),
  helmKeeps: HelmKeeps,
});
export type Config = z.infer<typeof Config>;
