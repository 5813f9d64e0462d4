import { afterAll, beforeAll, expect, it } from "vitest";
import { LostRace } from "../../../src/core/errors.ts";
import type { Store } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { openStore } from "../../contract/store-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { holdingProxy } from "../kubernetes/holding-proxy.ts";
import { flat, versionWorld } from "./version-world.ts";

const first = "db-r-7f3a-1";
const second = "db-r-7f3a-2";

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("a publish to a Secret that is made anew each time", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
  });
  afterAll(() => cluster.stop());

  it("makes an immutable copy of the one in use with our keys changed, and touches nothing", async () => {
    const world = await versionWorld(cluster);
    const before = await world.secret("db");
    const store = await openStore(world.bound);

    const { place } = await publish(store, "new");

    expect(place).toBe(first);
    expect(await world.secret("db")).toEqual(before);
    const made = await world.secret(first);
    expect(made).toMatchObject({ type: before.type, immutable: true, data: { OTHER: before.data["OTHER"] } });
    expect([await world.text(first, "PRESENT"), await world.text(first, "NEIGHBOUR")]).toEqual(["new", "his"]);
    expect(made.metadata.labels).toEqual({
      team: "shop",
      "keyturn.dev/secret": "db",
      "keyturn.dev/rotation": "r-7f3a",
    });
    expect(world.bound.shape).toMatchObject({
      label: `kubernetes-secret-version test/${world.namespace}/db`,
      locks: [`kubernetes-secret-version:test/${world.namespace}/db`],
    });
  });

  it("keeps the type, and makes versions that can be changed where the catalog says so", async () => {
    const world = await versionWorld(cluster, { immutable: false });
    await world.make("login", { type: "shop.dev/login" });
    await world.follow("login");
    const bound = world.boundWith({ at: `test/${world.namespace}/login` });

    const { place = "" } = await publish(await openStore(bound), "new");

    expect(await world.secret(place)).toMatchObject({ type: "shop.dev/login", immutable: false });
  });

  it("takes what it made before for published when it is asked again, and another content for the next one", async () => {
    const world = await versionWorld(cluster);
    const store = await openStore(world.bound);
    const made = await publish(store, "new");

    expect(await publish(await openStore(world.bound, { epoch: 2 }), "new")).toEqual(made);
    expect(await world.names()).toEqual(["db", first]);

    expect(await publish(store, "other")).toMatchObject({ place: second });
    expect(await world.text(first, "PRESENT")).toBe("new");
  });

  it("leaves somebody else's object with the name alone, whatever it holds", async () => {
    const world = await versionWorld(cluster);
    await world.make(first);

    const { place } = await publish(await openStore(world.bound), "new");

    expect(place).toBe(second);
    expect(await world.text(first, "PRESENT")).toBe(flat.PRESENT);
  });

  it.each([
    ["finds its own object when an older holder of the rotation is quicker", "new", first],
    ["is a lost race when another content is quicker with the name, and takes the next one", "strange", second],
  ])("%s", async (_, held, place) => {
    const world = await versionWorld(cluster);
    await using proxy = await holdingProxy(cluster);
    const late = await openStore(world.boundWith({}, proxy.kubeconfig), { epoch: 2 });
    const { version } = await late.read(["PRESENT"]);
    const sent = Promise.allSettled([late.publish({ PRESENT: new Secret("new") }, version)]);
    await proxy.held;
    await publish(await openStore(world.bound), held);
    proxy.letGo();

    const [result] = await sent;

    if (held === "new") expect(result).toMatchObject({ value: { place } });
    else expect(result).toMatchObject({ reason: { code: "lost_race" } });
    expect(await publish(late, "new")).toMatchObject({ place });
    expect(await world.text(first, "PRESENT")).toBe(held);
  });

  it("is a lost race when the one in use changes, or another one comes into use, and makes nothing", async () => {
    const world = await versionWorld(cluster);
    const store = await openStore(world.bound);
    const { version } = await store.read(["PRESENT"]);
    await world.editNeighbour("another");
    await expect(store.publish({ PRESENT: new Secret("new") }, version)).rejects.toThrow(LostRace);

    const again = await store.read(["PRESENT"]);
    await world.make("db-r0-1", { metadata: { labels: { "keyturn.dev/secret": "db" } } });
    await world.follow("db-r0-1");
    await expect(store.publish({ PRESENT: new Secret("new") }, again.version)).rejects.toThrow(LostRace);
    expect(await world.names()).toEqual(["db", "db-r0-1"]);
  });

  it("is a lost race when the one in use changes while the copy is made; the next copy has the change", async () => {
    const world = await versionWorld(cluster);
    await using proxy = await holdingProxy(cluster);
    const store = await openStore(world.boundWith({}, proxy.kubeconfig));
    const sent = publish(store, "new").catch((error: unknown) => error);
    await proxy.held;
    await world.editNeighbour("edited");
    proxy.letGo();

    expect(await sent).toBeInstanceOf(LostRace);
    const { place = "" } = await publish(store, "new");
    expect([await world.text(place, "NEIGHBOUR"), await world.text(place, "PRESENT")]).toEqual(["edited", "new"]);
  });

  it("makes nothing without the lease, and nothing for values that are there", async () => {
    const world = await versionWorld(cluster);
    const guard = (): never => {
      throw new Error("no lease");
    };
    await expect(publish(await openStore(world.bound, { guard }), "new")).rejects.toThrow("no lease");
    const { place } = await publish(await openStore(world.bound), flat.PRESENT);
    expect([place, await world.names()]).toEqual(["db", ["db"]]);
  });

  it("follows the workloads: half way it reads its own newest, and the way back is a version of its own", async () => {
    const world = await versionWorld(cluster);
    await world.deploy("worker", "db", "StatefulSet", { serviceName: "worker" });
    const store = await openStore(world.bound);
    await publish(store, "new");
    expect(await seen(store)).toEqual(["db", "old"]);

    await world.follow(first);
    expect(await seen(store)).toEqual([first, "new"]);
    const { place } = await publish(store, "old");
    expect(place).toBe(second);
    expect(await world.text(second, "PRESENT")).toBe("old");

    await world.follow(second);
    expect(await seen(store)).toEqual([second, "old"]);
    await world.deploy("worker", second, "StatefulSet", { serviceName: "worker" });
    expect(await seen(store)).toEqual([second, "old"]);
  });

  it("gives up on two answers and says who refers to what", async () => {
    const world = await versionWorld(cluster);
    await world.make("db-r1-1", { metadata: { labels: { "keyturn.dev/secret": "db" } } });
    await world.deploy("agent", "db-r1-1", "DaemonSet");
    const store = await openStore(world.bound);

    const said = {
      code: "two_answers",
      message: expect.stringMatching(
        /db \(deployment\/web\).*db-r1-1 \(daemonset\/agent\)|db-r1-1 \(daemonset\/agent\).*db \(deployment\/web\)/,
      ),
    };
    await expect(store.read(["PRESENT"])).rejects.toMatchObject(said);
    expect(await store.preflight(["PRESENT"])).toMatchObject([{ severity: "error", code: "two_answers" }]);
  });

  it("reads every kind of reference, and not what is only called alike", async () => {
    const world = await versionWorld(cluster);
    await world.make("db-r1-1", { metadata: { labels: { "keyturn.dev/secret": "db" } } });
    await world.make("db-a");
    const key = { secretKeyRef: { name: "db-r1-1", key: "PRESENT" } };
    const container = { name: "app", image: "none" };
    for (const pod of [
      { containers: [{ ...container, env: [{ name: "A", valueFrom: key }] }] },
      {
        containers: [container],
        initContainers: [{ ...container, name: "i", envFrom: [{ secretRef: { name: "db-r1-1" } }] }],
      },
      { containers: [container], volumes: [{ name: "v", secret: { secretName: "db-r1-1" } }] },
      { containers: [container], volumes: [{ name: "v", projected: { sources: [{ secret: { name: "db-r1-1" } }] } }] },
      { containers: [container], imagePullSecrets: [{ name: "db-r1-1" }] },
      {
        containers: [container],
        volumes: [{ name: "v", csi: { driver: "none", nodePublishSecretRef: { name: "db-r1-1" } } }],
      },
    ]) {
      await world.deploy("web", "", "Deployment", template(pod));
      expect(await seen(await openStore(world.bound))).toEqual(["db-r1-1", "old"]);
      await world.deploy("stranger", "db-a");
    }
    await world.deploy(
      "web",
      "",
      "Deployment",
      template({ containers: [{ ...container, env: [{ name: "A", value: "db-r1-1" }] }] }),
    );
    expect(await seen(await openStore(world.bound))).toEqual(["db", "old"]);
  });
});

function template(spec: object): object {
  return { template: { metadata: { labels: { app: "web" } }, spec } };
}

async function publish(store: Store, value: string) {
  const { version } = await store.read(["PRESENT"]);
  return await store.publish({ PRESENT: new Secret(value) }, version);
}

async function seen(store: Store): Promise<readonly (string | undefined)[]> {
  const { place, values } = await store.read(["PRESENT"]);
  return [place, values["PRESENT"]?.reveal()];
}
