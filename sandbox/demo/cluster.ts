import { spawn, spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const Started = z.object({
  url: z.string(),
  caFile: z.string(),
  kubeconfig: z.string(),
  podNetwork: z.object({ cidr: z.string(), proxyable: z.boolean() }),
});

/** A Kubernetes cluster on this machine whose pods are local processes. */
export type DemoCluster = z.infer<typeof Started> & { readonly stop: () => Promise<void> };

/**
 * Starts the API server, its controllers and a node, as the tests do. Builds them first where that was not done: minutes, once.
 *
 * @throws Error with what is missing on this machine
 */
export async function startDemoCluster(folder: string): Promise<DemoCluster> {
  const setup = spawnSync(process.execPath, [path("scripts/setup.mjs"), "--servers"], { stdio: ["ignore", 2, 2] });
  if (setup.status !== 0) throw new Error("the set-up of the cluster's programs failed");
  await mkdir(`${folder}/cluster`, { recursive: true });
  const child = spawn(process.execPath, [path("test/servers/kubernetes/serve.ts")], {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: path("."),
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const first = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", () => reject(new Error(`there is no cluster on this machine: ${said.trim()}`)));
  });
  const started = Started.parse(JSON.parse(await first));
  return {
    ...started,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

function path(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}
