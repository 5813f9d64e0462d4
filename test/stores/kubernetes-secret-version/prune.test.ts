import { afterAll, beforeAll, expect, it } from "vitest";
import { openStore } from "../../contract/store-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { podOf, type VersionWorld, versionWorld } from "./version-world.ts";

const ours = { metadata: { labels: { "keyturn.dev/secret": "db" } } };

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("pruning versions of a Secret", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
  });
  afterAll(() => cluster.stop());

  it("deletes what nothing refers to, says what, and does it once", async () => {
    const world = await inUse(cluster, "db-r9-1");
    await world.make("db-r1-1", ours);
    await world.make("db-r-7f3a-12", ours);
    const store = await openStore(world.bound);

    expect((await store.prune?.())?.toSorted()).toEqual(["db-r-7f3a-12", "db-r1-1"]);
    expect(await store.prune?.()).toEqual([]);
    expect(await world.names()).toEqual(["db", "db-r9-1"]);
  });

  it("deletes nothing without our label, of another Secret, or with a name that Keyturn does not make", async () => {
    const world = await inUse(cluster, "db-r9-1");
    await world.make("db-r1-1");
    await world.make("db-r2-1", { metadata: { labels: { "keyturn.dev/secret": "other" } } });
    for (const name of ["db-a", "db-b", "db-mine", "cache-r1-1", "db-r1-1-copy"]) await world.make(name, ours);
    const before = await world.names();

    expect(await (await openStore(world.bound)).prune?.()).toEqual([]);
    expect(await world.names()).toEqual(before);
  });

  it("keeps what a revision of the history, a pod or anything else refers to", async () => {
    const world = await inUse(cluster, "db-r9-1");
    const { namespace } = world;
    const names = ["db-r1-1", "db-r2-1", "db-r3-1", "db-r4-1", "db-r5-1", "db-r6-1", "db-r7-1", "db-r8-1"];
    for (const name of names) await world.make(name, ours);
    // The ReplicaSet of a Deployment, and the revisions of a StatefulSet and a DaemonSet, stay when the template goes on.
    await world.deploy("web", "db-r1-1");
    await world.deploy("store", "db-r2-1", "StatefulSet", { serviceName: "store" });
    await world.deploy("agent", "db-r3-1", "DaemonSet");
    const history = expect.poll(() => revisions(cluster, namespace), { timeout: 20_000 });
    await history.toMatch(/(?=.*db-r1-1)(?=.*db-r2-1)(?=.*db-r3-1)/s);
    await world.deploy("web", "db-r9-1");
    await world.deploy("store", "db-r9-1", "StatefulSet", { serviceName: "store" });
    await world.deploy("agent", "db-r9-1", "DaemonSet");
    const pod = { ...podOf("db-r4-1"), restartPolicy: "Never" };
    const job = { template: { spec: { ...podOf("db-r5-1"), restartPolicy: "Never" } } };
    const cron = { ...podOf("db-r6-1"), restartPolicy: "Never" };
    await cluster.apply(
      { apiVersion: "v1", kind: "Pod", metadata: { name: "bare", namespace }, spec: pod },
      { apiVersion: "batch/v1", kind: "Job", metadata: { name: "once", namespace }, spec: { ...job, suspend: true } },
      {
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata: { name: "nightly", namespace },
        spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template: { spec: cron } } } },
      },
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: { name: "front", namespace },
        spec: {
          tls: [{ hosts: ["shop.test"], secretName: "db-r7-1" }],
          defaultBackend: { service: { name: "web", port: { number: 80 } } },
        },
      },
    );

    expect(await (await openStore(world.bound)).prune?.()).toEqual(["db-r8-1"]);
    expect(await world.names()).toEqual(["db", ...names.slice(0, -1), "db-r9-1"]);
  });

  it("deletes nothing where nothing refers to any version: what is in use cannot be told then", async () => {
    const world = await inUse(cluster, "db-r9-1");
    await cluster.api("DELETE", `/apis/apps/v1/namespaces/${world.namespace}/deployments/web`);
    const sets = `/apis/apps/v1/namespaces/${world.namespace}/replicasets`;
    await expect.poll(() => cluster.api("GET", sets), { timeout: 20_000 }).toMatchObject({ items: [] });

    expect(await (await openStore(world.bound)).prune?.()).toEqual([]);
    expect(await world.names()).toEqual(["db", "db-r9-1"]);
  });

  it("asks for the lease before it deletes", async () => {
    const world = await inUse(cluster, "db-r9-1");
    await world.make("db-r1-1", ours);
    const guard = (): never => {
      throw new Error("no lease");
    };
    await expect((await openStore(world.bound, { guard })).prune?.()).rejects.toThrow("no lease");
    expect(await world.names()).toEqual(["db", "db-r1-1", "db-r9-1"]);
  });

  it("is not for fixed names: nothing is left over there", async () => {
    const world = await versionWorld(cluster, { names: "fixed" });
    expect((await openStore(world.bound)).prune).toBeUndefined();
  });
});

/** A world whose Deployment reads a version that Keyturn made, and never read another. */
async function inUse(cluster: Cluster, name: string): Promise<VersionWorld> {
  const world = await versionWorld(cluster);
  await world.make(name, ours);
  await world.follow(name);
  return world;
}

/** All ReplicaSets and ControllerRevisions, as text. */
async function revisions(cluster: Cluster, namespace: string): Promise<string> {
  const all: unknown[] = [];
  for (const resource of ["controllerrevisions", "replicasets"]) {
    all.push(await cluster.api("GET", `/apis/apps/v1/namespaces/${namespace}/${resource}`));
  }
  return JSON.stringify(all);
}
