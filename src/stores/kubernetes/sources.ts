import { z } from "zod";
import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import type { Owner } from "../../connections/kubernetes/owner.ts";
import type { Resource } from "../../connections/kubernetes/resource.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Stored } from "./form.ts";

const Reference = z.object({ key: z.string().optional(), property: z.string().optional() });
const ExternalSecret = z.object({
  spec: z.object({
    secretStoreRef: z.object({ kind: z.string().default("SecretStore"), name: z.string() }).optional(),
    data: z.array(z.object({ secretKey: z.string(), remoteRef: Reference.default({}) })).default([]),
    dataFrom: z.array(z.object({ extract: Reference.optional() })).default([]),
  }),
});

/** Which entry of which store an ExternalSecret reads for these keys, where Keyturn may see it: names only. */
export async function remoteOf(
  cluster: Cluster,
  { namespace, name }: Owner,
  names: readonly string[],
): Promise<string> {
  if (name === "") return "";
  for (const version of ["v1", "v1beta1"]) {
    const of: Resource = { api: `external-secrets.io/${version}`, resource: "externalsecrets", namespace, name };
    const found = await seen(cluster, of, ExternalSecret);
    if (found === undefined) continue;
    const { secretStoreRef, data, dataFrom } = found.spec;
    const direct = data.filter(({ secretKey }) => names.includes(secretKey)).map(({ remoteRef }) => remoteRef);
    const all =
      direct.length > 0 ? direct : dataFrom.flatMap(({ extract }) => (extract === undefined ? [] : [extract]));
    const entries = all.map(({ key = "", property }) => `${key}${property === undefined ? "" : ` (${property})`}`);
    const store = secretStoreRef === undefined ? "" : ` of ${secretStoreRef.kind} ${secretStoreRef.name}`;
    return entries.length === 0 ? "" : `, which reads ${entries.join(", ")}${store}`;
  }
  return "";
}

const Keys = z.record(z.string(), z.unknown()).nullish();
const SealedSecret = z.object({
  spec: z.object({ encryptedData: Keys, template: z.object({ data: Keys }).nullish() }),
});

/**
 * Whether a SealedSecret sets none of these keys: with the annotation `patch` its controller writes its own keys only, without
 * it all others go. False where Keyturn may not see it.
 */
export async function leavesAlone(
  cluster: Cluster,
  { namespace, name }: Owner,
  { metadata }: Stored,
  names: readonly string[],
): Promise<boolean> {
  if (metadata.annotations["sealedsecrets.bitnami.com/patch"] !== "true") return false;
  const of: Resource = { api: "bitnami.com/v1alpha1", resource: "sealedsecrets", namespace, name };
  const found = await seen(cluster, of, SealedSecret);
  if (found === undefined) return false;
  const set = { ...found.spec.encryptedData, ...found.spec.template?.data };
  return names.every((key) => !Object.hasOwn(set, key));
}

async function seen<T>(cluster: Cluster, of: Resource, schema: z.ZodType<T>): Promise<T | undefined> {
  return await cluster.find(of, schema).catch((error: unknown) => {
    if (error instanceof GiveUp) return undefined;
    throw error;
  });
}
