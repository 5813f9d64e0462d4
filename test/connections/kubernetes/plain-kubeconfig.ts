import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newFolder } from "../../servers/run-folder.ts";

/** Path of a kubeconfig for a server without TLS on loopback, context `plain`. */
export function plainKubeconfig(server: string, token = "token-of-nobody"): string {
  const config = {
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: { token } }],
    contexts: [{ name: "plain", context: { cluster: "c", user: "u" } }],
    "current-context": "plain",
  };
  const path = join(newFolder("kubeconfig"), "config");
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}
