import { z } from "zod";

/** An entry under `connections:`. Without `inCluster` a context of a kubeconfig file; default: the file that kubectl would read, and its current context. */
export const KubernetesConnection = z
  .strictObject({
    kind: z.literal("kubernetes"),
    context: z.string().min(1).exactOptional().describe("context of the kubeconfig; default: its current one"),
    kubeconfig: z.string().startsWith("/").exactOptional().describe("whole path of a kubeconfig file"),
    inCluster: z.literal(true).exactOptional().describe("the service account of the pod that Keyturn runs in"),
  })
  .refine(({ inCluster, context, kubeconfig }) => inCluster !== true || (context ?? kubeconfig) === undefined, {
    error: "give either inCluster or a context of a kubeconfig",
  });
export type KubernetesConnection = z.infer<typeof KubernetesConnection>;
