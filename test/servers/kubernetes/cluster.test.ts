import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { needs } from "../need.ts";
import { processTree } from "../process-tree.ts";
import { apiClient } from "./api.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { podNetwork } from "./pod-network.ts";

const kubeconfigFile = z.object({ users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]) });
const named = z.looseObject({ metadata: z.looseObject({ name: z.string(), resourceVersion: z.string() }) });
const list = z.object({ items: z.array(named) });

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop" },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "none", command: ["sleep", "1000"] }] },
    },
  },
};

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("a cluster without a node", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  });
  afterAll(() => cluster.stop());

  it("is Kubernetes 1.36 and has no pod network", async () => {
    expect(await cluster.api("GET", "/version")).toMatchObject({ major: "1", minor: "36" });
    expect(cluster.podNetwork).toBeUndefined();
  });

  it("keeps its logins to its user", () => {
    expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600);
    expect(readFileSync(cluster.caFile, "utf8")).toContain("BEGIN CERTIFICATE");
  });

  it("makes ReplicaSets and Pods of a Deployment", async () => {
    await cluster.apply(deployment);
    await expect.poll(() => namesOf("/apis/apps/v1/namespaces/shop/replicasets"), { timeout: 20_000 }).toHaveLength(1);
    await expect.poll(() => namesOf("/api/v1/namespaces/shop/pods"), { timeout: 20_000 }).toHaveLength(3);
  });

  it("refuses a stale resourceVersion with 409", async () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "db", namespace: "shop" } };
    await cluster.apply({ ...secret, stringData: { password: "one" } });
    const path = "/api/v1/namespaces/shop/secrets/db";
    const { resourceVersion } = named.parse(await cluster.api("GET", path)).metadata;
    const patch = { metadata: { resourceVersion }, stringData: { password: "two" } };
    await cluster.api("PATCH", path, patch, "application/merge-patch+json");
    await expect(
      cluster.api("PATCH", path, { ...patch, stringData: { password: "three" } }, "application/merge-patch+json"),
    ).rejects.toThrow(/^PATCH .*: 409 .*the object has been modified/);
  });

  it("gives a service account what its role allows and nothing else", async () => {
    const metadata = { name: "reader", namespace: "shop" };
    await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata });
    await using reader = apiClient(await loginOf("reader"));
    const pods = "/api/v1/namespaces/shop/pods";
    await expect(reader.call("GET", pods)).rejects.toThrow(/403 .*"system:serviceaccount:shop:reader" cannot list/);

    const rbac = "rbac.authorization.k8s.io";
    await cluster.apply(
      {
        apiVersion: `${rbac}/v1`,
        kind: "Role",
        metadata,
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: "RoleBinding",
        metadata,
        roleRef: { apiGroup: rbac, kind: "Role", name: "reader" },
        subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "shop" }],
      },
    );
    await expect.poll(() => reader.call("GET", pods).then(() => "allowed", String)).toBe("allowed");
    await expect(reader.call("GET", "/api/v1/namespaces/shop/secrets")).rejects.toThrow("403");
    await expect(reader.call("GET", "/api/v1/pods")).rejects.toThrow("403");
  });

  it("applies an object of a kind that was defined a moment ago", async () => {
    const group = "keyturn.test";
    const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    await cluster.apply(
      {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `locks.${group}` },
        spec: {
          group,
          scope: "Namespaced",
          names: { plural: "locks", singular: "lock", kind: "Lock" },
          versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
        },
      },
      { apiVersion: `${group}/v1`, kind: "Lock", metadata: { name: "front", namespace: "shop" }, spec: { turns: 2 } },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "made-", namespace: "shop" } },
    );
    expect(await namesOf(`/apis/${group}/v1/namespaces/shop/locks`)).toEqual(["front"]);
    expect(await namesOf("/api/v1/namespaces/shop/configmaps")).toContainEqual(expect.stringMatching(/^made-/));
  });

  it("forwards requests to an address of a pod network", async ({ skip }) => {
    await using network = await podNetwork();
    if (!network.proxyable) skip("needs root: the API server does not forward to loopback addresses");
    const podIP = network.cidr.replace(/0\/24$/, "7");
    const server = createServer((request, answer) => answer.end(`${request.url ?? ""} here`));
    await once(server.listen(0, podIP), "listening");
    const port = z.object({ port: z.number() }).parse(server.address()).port;
    const metadata = { name: "proxied", namespace: "shop" };
    await cluster.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: { nodeName: "none", containers: [{ name: "c", image: "none" }] },
    });
    const pod = "/api/v1/namespaces/shop/pods/proxied";
    const status = { status: { phase: "Running", podIP, podIPs: [{ ip: podIP }] } };
    await cluster.api("PATCH", `${pod}/status`, status, "application/merge-patch+json");
    expect(await cluster.api("GET", `/api/v1/namespaces/shop/pods/proxied:${port}/proxy/health`)).toBe("/health here");
    await cluster.api("DELETE", pod, { gracePeriodSeconds: 0 });
    server.closeAllConnections();
    server.close();
  });

  async function namesOf(path: string): Promise<string[]> {
    return list.parse(await cluster.api("GET", path)).items.map((item) => item.metadata.name);
  }

  async function loginOf(serviceAccount: string): Promise<{ url: string; ca: string; token: string }> {
    const file = await cluster.kubeconfigFor("shop", serviceAccount);
    const { users } = kubeconfigFile.parse(JSON.parse(readFileSync(file, "utf8")));
    return { url: cluster.url, ca: readFileSync(cluster.caFile, "utf8"), token: users[0].user.token };
  }
});

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("stopping a cluster", () => {
  it("leaves no process and no file, also beside another cluster", async () => {
    const before = processTree(process.pid);
    const [one, two] = await Promise.all([startCluster({ kubelet: false }), startCluster({ kubelet: false })]);
    expect(processTree(process.pid).length).toBeGreaterThan(before.length);
    await one.stop();
    await two.api("GET", "/readyz");
    await two.stop();
    await two.stop();
    expect(processTree(process.pid)).toEqual(before);
    expect(existsSync(dirname(one.kubeconfig))).toBe(false);
  });
});

it.runIf(process.getuid?.() === 0)("holds a network of its own for each cluster and gives it back", async () => {
  const [one, two] = [await podNetwork(), await podNetwork()];
  expect(one.cidr).not.toBe(two.cidr);
  for (const network of [one, two]) {
    expect(routes().includes(`local ${network.cidr} `)).toBe(network.proxyable);
    await network[Symbol.asyncDispose]();
    expect(routes()).not.toContain(network.cidr);
  }
});

/** Other tests hold routes of their own at the same time. */
function routes(): string {
  return spawnSync("ip", ["route", "show", "table", "local"], { encoding: "utf8" }).stdout;
}
