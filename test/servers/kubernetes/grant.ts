import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { Cluster } from "./cluster.ts";

const Manifest = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });

/** How an application is called, and which rights of deploy/kubernetes its catalog needs. */
export type Names = {
  readonly namespace: string;
  readonly workload: string;
  readonly secret: string;
  readonly configmap?: string;
  /** Rules of application.yaml behind a `#` that are taken in, by the word in brackets. */
  readonly options: readonly string[];
  /** Further manifests. */
  readonly manifests: readonly string[];
};

/**
 * Makes the namespace, and Keyturn's account with the manifests that users apply, the application's names put in and nothing
 * added; resolves with its kubeconfig.
 */
export async function grant(cluster: Cluster, names: Names): Promise<string> {
  const { namespace } = names;
  const read = async (name: string) =>
    await readFile(fileURLToPath(new URL(`../../../deploy/kubernetes/${name}.yaml`, import.meta.url)), "utf8");
  const application = (await read("application"))
    .replaceAll("truload-backend-secrets", names.secret)
    .replaceAll("truload-backend-config", names.configmap ?? "none")
    .replaceAll("truload-backend", names.workload)
    .replaceAll(/^ {2}# \[(\w+)\][^]*?(?=^ {2}# \[|^---)/gm, (rule: string, option: string) =>
      names.options.includes(option) ? rule.replaceAll(/^ {2}#(?=- | {2})/gm, "  ") : rule,
    );
  const further = await Promise.all(names.manifests.map(read));
  const objects = [await read("keyturn"), application, ...further].flatMap((text) =>
    parseAllDocuments(text).map((document) => Manifest.parse(document.toJS())),
  );
  await cluster.apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...objects.map((each) =>
      each.kind.startsWith("Role") ? { ...each, metadata: { ...each.metadata, namespace } } : each,
    ),
  );
  return await cluster.kubeconfigFor("keyturn", "keyturn");
}
