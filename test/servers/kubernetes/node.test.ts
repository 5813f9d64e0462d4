import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { needs } from "../need.ts";
import { processTree, treeEnded } from "../process-tree.ts";
import { apiClient } from "./api.ts";
import { startCluster } from "./cluster.ts";

const serve = fileURLToPath(new URL("serve.ts", import.meta.url));
const served = z.object({
  url: z.string(),
  caFile: z.string(),
  kubeconfig: z.string(),
  podNetwork: z.object({ cidr: z.string(), proxyable: z.boolean() }),
});
const kubeconfigFile = z.object({ users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]) });
const podList = z.object({
  items: z.array(z.object({ status: z.looseObject({ phase: z.string().optional(), podIP: z.string().optional() }) })),
});
const pods = "/api/v1/namespaces/default/pods";

/** A Deployment of two; the number tells its processes from all others. */
function sleeping(seconds: number): object {
  const labels = { app: "sleeping" };
  const containers = [{ name: "main", image: "none", command: ["sleep", String(seconds)] }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "sleeping" },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

let started: ChildProcess | undefined;
afterEach(() => void started?.kill("SIGKILL"));

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
)("a cluster with a node", () => {
  it("runs pods at addresses of its own network, and none of them after its stop", async () => {
    const cluster = await startCluster();
    const before = processTree(process.pid);
    await cluster.apply(sleeping(100_001));
    const addresses = await runningAt((path) => cluster.api("GET", path));
    const prefix = cluster.podNetwork?.cidr.replace(/0\/24$/, "") ?? "none";
    expect(addresses.every((address) => address.startsWith(prefix))).toBe(true);
    expect(new Set(addresses).size).toBe(2);
    expect(processTree(process.pid).length).toBeGreaterThanOrEqual(before.length + 2);
    await cluster.stop();
    expect(processTree(process.pid).length).toBeLessThan(before.length);
  });
});

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
)("serving a cluster", () => {
  it.each([
    ["its stdin is closed", (child: ChildProcess) => void child.stdin?.end()],
    ["it is told to end", (child: ChildProcess) => void child.kill("SIGTERM")],
    ["it is killed", (child: ChildProcess) => void child.kill("SIGKILL")],
  ])("says where it is in one line, and takes all with it when %s", async (_, end) => {
    const child = spawn(process.execPath, [serve], { stdio: ["pipe", "pipe", "inherit"] });
    started = child;
    const cluster = served.parse(JSON.parse(await firstWords(child)));
    const { users } = kubeconfigFile.parse(JSON.parse(readFileSync(cluster.kubeconfig, "utf8")));
    const login = { url: cluster.url, ca: readFileSync(cluster.caFile, "utf8"), token: users[0].user.token };
    {
      await using admin = apiClient(login);
      const path = "/apis/apps/v1/namespaces/default/deployments";
      await admin.call("POST", path, sleeping(100_002));
      await runningAt((asked) => admin.call("GET", asked));
    }
    const tree = processTree(child.pid ?? 0);
    expect(tree.length).toBeGreaterThan(6);
    const ended = once(child, "exit");
    end(child);
    await ended;
    await treeEnded(tree);
    const killed = child.signalCode === "SIGKILL";
    expect(existsSync(cluster.kubeconfig)).toBe(killed);
    expect(child.exitCode).toBe(killed ? null : 0);
  });
});

async function runningAt(get: (path: string) => Promise<unknown>): Promise<string[]> {
  const addresses = async (): Promise<string[]> =>
    podList
      .parse(await get(pods))
      .items.flatMap(({ status }) => (status.phase === "Running" ? (status.podIP ?? []) : []));
  await expect.poll(addresses, { timeout: 30_000 }).toHaveLength(2);
  return await addresses();
}

async function firstWords(child: ChildProcess): Promise<string> {
  const ended = new AbortController();
  child.once("exit", () => ended.abort(new Error("it ended before it said where it is")));
  const [words]: unknown[] = await once(child.stdout ?? child, "data", { signal: ended.signal });
  return String(words);
}
