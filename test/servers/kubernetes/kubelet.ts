import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../port.ts";
import { program } from "../program.ts";
import { type Server, startServer } from "../server.ts";
import type { Plan } from "./control-plane.ts";

/** The node that runs each pod's command as a process of this machine; resolves when the node is Ready. */
export async function startKubelet(plan: Plan, podCidr: string): Promise<Server> {
  const serving = plan.authority.issue({ name: "system:node:node-1", group: "system:nodes", names: ["127.0.0.1"] });
  const folder = join(plan.folder, "kubelet");
  // Others may pass: a pod may run as any user.
  mkdirSync(folder, { mode: 0o711 });
  const pods = join(folder, "pods");
  mkdirSync(pods, { mode: 0o711 });
  const port = await freePort();
  const server = await startServer({
    name: "keyturn-kubelet",
    port,
    folder,
    command: program("keyturn-kubelet"),
    asOurselves: true,
    // Also what the kernel sends when we die: it still has pods to end then.
    stopSignal: "SIGINT",
    args: [
      ...["--kubeconfig", plan.kubeconfig],
      ...["--node", "node-1"],
      ...["--cert", plan.file("kubelet.crt", serving.cert)],
      ...["--key", plan.file("kubelet.key", serving.key)],
      ...["--client-ca", join(plan.folder, "ca.crt")],
      ...["--listen", `127.0.0.1:${port}`],
      ...["--pod-cidr", podCidr],
      ...["--folder", pods],
    ],
    answers: (output) => Promise.resolve(/^ready$/m.test(output())),
  });
  return server;
}
