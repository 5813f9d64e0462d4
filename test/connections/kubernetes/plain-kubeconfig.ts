import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newFolder } from "../../servers/run-folder.ts";

/** Path of a kubeconfig for a server without TLS on loopback, context `plain`. */
export function plainKubeconfig(server: string, token = "token-of-nobody"): string {
  return written({ server, "insecure-skip-tls-verify": true }, token);
}

/** Path of a kubeconfig with a token that nobody has given, and with this certificate authority (base64) or none. */
export function kubeconfigWith(server: string, authority: string | undefined): string {
  const trust = authority === undefined ? {} : { "certificate-authority-data": authority };
  return written({ server, ...trust }, "token-of-nobody");
}

function written(cluster: object, token: string): string {
  const config = {
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token } }],
    contexts: [{ name: "plain", context: { cluster: "c", user: "u" } }],
    "current-context": "plain",
  };
  const path = join(newFolder("kubeconfig"), "config");
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}
