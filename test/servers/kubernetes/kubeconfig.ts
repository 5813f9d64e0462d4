import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes a kubeconfig with one context into a folder, mode 0600; returns its path. JSON, which is YAML too. */
export function writeKubeconfig(
  folder: string,
  context: string,
  login: { readonly url: string; readonly ca: string; readonly token: string; readonly namespace?: string },
): string {
  const path = join(folder, `${context}.kubeconfig`);
  const cluster = { server: login.url, "certificate-authority-data": Buffer.from(login.ca).toString("base64") };
  const namespace = login.namespace === undefined ? {} : { namespace: login.namespace };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name: context, user: { token: login.token } }],
    contexts: [{ name: context, context: { cluster: "test", user: context, ...namespace } }],
    "current-context": context,
  };
  writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  return path;
}
