import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import type { Store } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { kubernetesSecretVersion } from "../../../src/stores/kubernetes-secret-version/store.ts";
import { openStore } from "../../contract/store-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { podOf, versionWorld } from "./version-world.ts";

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("two fixed names that take turns", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
  });
  afterAll(() => cluster.stop());
  const fixed = () => versionWorld(cluster, { names: "fixed" });

  it("writes the one that nothing reads, and finds the old bytes where they were on the way back", async () => {
    const world = await fixed();
    const store = await openStore(world.bound);

    expect(await publish(store, "one")).toMatchObject({ place: "db-a" });
    expect(await publish(store, "one")).toMatchObject({ place: "db-a" });
    await world.follow("db-a");
    await world.editNeighbour("another");
    expect(await publish(store, "two")).toMatchObject({ place: "db-b" });
    expect([await world.text("db-b", "NEIGHBOUR"), await world.text("db-a", "PRESENT")]).toEqual(["another", "one"]);
    await world.follow("db-b");
    const before = await world.secret("db-a");

    expect(await publish(store, "one")).toMatchObject({ place: "db-a" });

    expect(await world.secret("db-a")).toEqual(before);
    expect(await world.names()).toEqual(["db", "db-a", "db-b"]);
  });

  it("removes what the version before had and this one has not", async () => {
    const world = await fixed();
    await world.patch(`/api/v1/namespaces/${world.namespace}/secrets/db-a`, { data: { STALE: "eA==" } });

    await publish(await openStore(world.bound), "one");

    expect(await world.text("db-a", "STALE")).toBeUndefined();
    expect(Object.keys((await world.secret("db-a")).data)).toEqual(["NEIGHBOUR", "OTHER", "PRESENT"]);
  });

  it("waits, with the name, for who still runs on the other one; a revision of the history does not count", async () => {
    const world = await fixed();
    const { namespace } = world;
    const [first, later] = [await openStore(world.bound), await openStore(world.bound)];
    await publish(first, "one");
    await world.follow("db-a");
    await publish(later, "two");
    await world.follow("db-b");
    const sets = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
    await expect
      .poll(async () => JSON.stringify(await cluster.api("GET", sets)), { timeout: 20_000 })
      .toContain("db-b");
    const spec = { ...podOf("db-a"), nodeName: "none" };
    await cluster.apply({ apiVersion: "v1", kind: "Pod", metadata: { name: "bare", namespace }, spec });

    await expect(publish(later, "three")).rejects.toMatchObject({
      code: "version_still_read",
      message: expect.stringContaining("db-a (pod/bare)"),
    });
    await cluster.api("DELETE", `/api/v1/namespaces/${namespace}/pods/bare`, { gracePeriodSeconds: 0 });
    expect(await publish(later, "three")).toMatchObject({ place: "db-a" });
  });

  it("waits for a Job while it runs, and no longer, though the Job stays", async () => {
    const world = await fixed();
    const { namespace } = world;
    const store = await openStore(world.bound);
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    for (const [name, secret] of [
      ["import", "db-a"],
      ["export", "db-b"],
    ] as const) {
      const spec = { ...podOf(secret), nodeName: "none", restartPolicy: "Never" };
      const job = { backoffLimit: 0, template: { spec } };
      await cluster.apply({ apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace }, spec: job });
    }
    const ofJobs = async () => Pods.parse(await cluster.api("GET", pods)).items.map(({ metadata }) => metadata);
    await expect.poll(async () => (await ofJobs()).length, { timeout: 20_000 }).toBe(2);
    await expect(publish(store, "one")).rejects.toMatchObject({
      code: "version_still_read",
      message: expect.stringMatching(/db-a \(.*job\/import\), db-b \(.*job\/export\)/),
    });

    for (const { name, labels } of await ofJobs()) {
      const phase = labels["job-name"] === "import" ? "Succeeded" : "Failed";
      await world.patch(`${pods}/${name}/status`, { status: { phase } });
    }

    const left = expect.poll(() => publish(store, "one").catch((error: unknown) => error), { timeout: 20_000 });
    await left.toMatchObject({ place: expect.stringMatching(/^db-[ab]$/) });
    expect(await cluster.api("GET", `/apis/batch/v1/namespaces/${namespace}/jobs`)).toMatchObject({ items: [{}, {}] });
  });

  it("says in preflight who runs on the other one, unless this rotation has just published", async () => {
    const world = await fixed();
    await world.patch(`/api/v1/namespaces/${world.namespace}/secrets/db-b`, {
      metadata: { labels: { "keyturn.dev/rotation": "r0" } },
    });
    await world.follow("db-b");
    const { namespace } = world;
    const spec = { ...podOf("db-a"), nodeName: "none" };
    await cluster.apply({ apiVersion: "v1", kind: "Pod", metadata: { name: "bare", namespace }, spec });
    const store = await openStore(world.bound);

    expect(await store.preflight(["PRESENT"])).toMatchObject([{ severity: "error", code: "version_still_read" }]);

    await cluster.api("DELETE", `/api/v1/namespaces/${namespace}/pods/bare`, { gracePeriodSeconds: 0 });
    await publish(store, "one");
    await world.follow("db-a");
    await cluster.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "late", namespace },
      spec: { ...podOf("db-b"), nodeName: "none" },
    });
    expect(await store.preflight(["PRESENT"])).toEqual([]);
  });

  it("refuses one that is missing, not given to it, immutable, or of another type, with the command", async () => {
    const world = await fixed();
    const path = `/api/v1/namespaces/${world.namespace}/secrets`;
    const store = await openStore(world.bound);
    const found = async () => (await store.preflight(["PRESENT"])).map(({ severity, code }) => [severity, code]);

    await world.patch(`${path}/db-a`, { metadata: { labels: { "keyturn.dev/secret": null } } });
    expect(await found()).toEqual([["error", "not_labelled"]]);
    await expect(publish(store, "one")).rejects.toMatchObject({ code: "not_labelled" });

    await cluster.api("DELETE", `${path}/db-a`);
    const [missing] = await store.preflight(["PRESENT"]);
    expect(missing).toMatchObject({
      code: "store_missing",
      hint: `kubectl create secret generic db-a -n ${world.namespace}; kubectl label secret db-a -n ${world.namespace} keyturn.dev/secret=db`,
    });

    const labels = { "keyturn.dev/secret": "db" };
    await world.make("db-a", { metadata: { labels }, immutable: true });
    expect(await found()).toEqual([["error", "store_immutable"]]);

    await cluster.api("DELETE", `${path}/db-a`);
    await world.make("db-a", { metadata: { labels }, type: "shop.dev/login" });
    expect(await found()).toEqual([["error", "type_differs"]]);
    await expect(publish(store, "one")).rejects.toMatchObject({ code: "type_differs" });
  });

  it("takes over from versions with names of their own", async () => {
    const world = await versionWorld(cluster);
    for (const name of ["db-a", "db-b"])
      await world.make(name, { metadata: { labels: { "keyturn.dev/secret": "db" } } });
    await publish(await openStore(world.bound), "one");
    await world.follow("db-r-7f3a-1");

    expect(await publish(await openStore(world.boundWith({ names: "fixed" })), "two")).toMatchObject({ place: "db-a" });
  });

  it("cannot be immutable", () => {
    const entry = { store: "kubernetes-secret-version", at: "prod/llm/db", names: "fixed" };
    expect(kubernetesSecretVersion.config.safeParse({ ...entry, immutable: true }).success).toBe(false);
    expect(kubernetesSecretVersion.config.safeParse({ ...entry, immutable: false }).success).toBe(true);
    expect(kubernetesSecretVersion.config.safeParse({ ...entry, at: `prod/llm/${"x".repeat(64)}` }).success).toBe(
      false,
    );
  });
});

const Pods = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }) })),
});

async function publish(store: Store, value: string) {
  const { version } = await store.read(["PRESENT"]);
  return await store.publish({ PRESENT: new Secret(value) }, version);
}
