import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Consumer, Expected } from "../../../src/core/ports.ts";
import { isSettled } from "../../../src/core/settled.ts";
import { reload } from "../../contract/consumer-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { publishedNow, readsDb, type WorkloadWorld, workloadWorld } from "./workload-world.ts";

const strategic = "application/strategic-merge-patch+json";
const deployment = "deployment.reloader.stakater.com";
const auto = { "reloader.stakater.com/auto": "true" };

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("a workload that Stakater Reloader restarts (played by hand), on a real API server", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
  });
  afterAll(() => cluster.stop());

  it.each([
    ["an environment variable", "sha1"],
    ["an environment variable", "sha512-256"],
    ["an annotation", "sha1"],
  ] as const)("is left to its roll-out, told by %s with %s", async (how, hash) => {
    const { world, consumer, publish } = await started();
    const expected = await publish("two");
    await expect(consumer.reload("deployment/web", expected)).rejects.toMatchObject({
      name: "TryLater",
      code: "reloader_waiting",
    });
    const digest = createHash(hash).update("OTHER=x;URL=two").digest("hex");

    if (how === "an annotation") {
      const source = JSON.stringify({
        type: "SECRET",
        name: "db",
        namespace: world.namespace,
        hash: digest,
        observedAt: 1,
      });
      await world.patch(path(world), {
        spec: { template: { metadata: { annotations: { "reloader.stakater.com/last-reloaded-from": source } } } },
      });
    } else {
      const containers = [{ name: "app", env: [{ name: "STAKATER_DB_SECRET", value: digest }] }];
      await world.patch(path(world), { spec: { template: { spec: { containers } } } }, strategic);
    }
    await reload(consumer, "deployment/web", expected);

    expect(isSettled(await world.seen(consumer, expected, isSettled))).toBe(true);
    expect((await world.get(path(world))).metadata.generation).toBe(2);
  });

  it("is not settled on what Reloader made of another content", async () => {
    const { world, consumer, publish } = await started();
    const expected = await publish("two");
    const digest = createHash("sha1").update("OTHER=x;URL=one").digest("hex");
    const containers = [{ name: "app", env: [{ name: "STAKATER_DB_SECRET", value: digest }] }];
    await world.patch(path(world), { spec: { template: { spec: { containers } } } }, strategic);

    await expect(consumer.reload("deployment/web", expected)).rejects.toMatchObject({ code: "reloader_waiting" });

    await world.settle(3);
    expect((await consumer.instances(expected)).map(({ on }) => on)).toEqual(["old", "old", "old"]);
  });

  it("is restarted by us when Reloader has not begun after a minute", async () => {
    const { world, consumer, publish } = await started();
    const expected = await publish("two");
    const minuteAgo = { ...expected, since: new Date(Date.parse(expected.since) - 61_000).toISOString() };

    await reload(consumer, "deployment/web", minuteAgo);

    expect((await world.get(path(world))).metadata.generation).toBe(2);
  });

  it("is left to its roll-out for a ConfigMap too, binary keys and all", async () => {
    const world = await workloadWorld(cluster);
    const { namespace } = world;
    const publish = async (URL: string) => {
      const metadata = { name: "app", namespace };
      await cluster.apply({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata,
        data: { URL },
        binaryData: { RAW: "AAEC" },
      });
      return publishedNow({}, { URL });
    };
    await publish("one");
    const pod = {
      ...readsDb,
      containers: [{ name: "app", image: "none", envFrom: [{ configMapRef: { name: "app" } }] }],
    };
    await world.deploy({ metadata: { annotations: auto }, pod });
    await world.settle(3);
    const consumer = await world.open("deployment/web", { uses: ["configmap/app"] });
    const expected = await publish("two");
    await expect(consumer.reload("deployment/web", expected)).rejects.toMatchObject({ code: "reloader_waiting" });

    const digest = createHash("sha1").update("RAW=AAEC;URL=two").digest("hex");
    const containers = [{ name: "app", env: [{ name: "STAKATER_APP_CONFIGMAP", value: digest }] }];
    await world.patch(path(world), { spec: { template: { spec: { containers } } } }, strategic);
    await reload(consumer, "deployment/web", expected);

    expect(isSettled(await world.seen(consumer, expected, isSettled))).toBe(true);
    expect((await world.get(path(world))).metadata.generation).toBe(2);
  });

  it("is waited for while Reloader has paused it, and refused when nobody ended the pause", async () => {
    const { world, consumer, publish } = await started({ ...auto, [`${deployment}/pause-period`]: "1h30m" });
    const expected = await publish("two");
    const pause = (at: string | null) =>
      world.patch(path(world), {
        metadata: { annotations: { [`${deployment}/paused-at`]: at } },
        spec: { paused: at !== null },
      });
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const digest = createHash("sha1").update("OTHER=x;URL=two").digest("hex");
    const containers = [{ name: "app", env: [{ name: "STAKATER_DB_SECRET", value: digest }] }];
    await pause(minutesAgo(1));
    await world.patch(path(world), { spec: { template: { spec: { containers } } } }, strategic);

    const during = await consumer.reload("deployment/web", expected).catch((error: unknown) => error);
    await pause(minutesAgo(92));
    const stale = await consumer.reload("deployment/web", expected).catch((error: unknown) => error);
    await pause(null);
    await reload(consumer, "deployment/web", expected);

    expect(during).toMatchObject({ name: "TryLater", code: "reloader_pauses", afterMs: 30_000 });
    expect(stale).toMatchObject({ name: "GiveUp", code: "workload_paused" });
    expect(isSettled(await world.seen(consumer, expected, isSettled))).toBe(true);
    expect(JSON.stringify((await world.get(path(world))).spec)).not.toContain("keyturn.dev");
  });

  it("is named in preflight, with its pause", async () => {
    const { consumer } = await started({ ...auto, [`${deployment}/pause-period`]: "5m" });

    expect((await consumer.preflight()).map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      "info reloader",
      "warning reloader_pauses",
    ]);
  });

  it.each([
    [{ "secret.reloader.stakater.com/reload": "cache, mail" }],
    [{ ...auto, "reloader.stakater.com/ignore": "true" }],
  ])("is restarted at once where Reloader is not for this Secret: %o", async (annotations) => {
    const { world, consumer, publish } = await started(annotations);

    await reload(consumer, "deployment/web", await publish("two"));

    expect((await world.get(path(world))).metadata.generation).toBe(2);
  });

  async function started(annotations: Readonly<Record<string, string>> = auto): Promise<{
    world: WorkloadWorld;
    consumer: Consumer;
    publish: (value: string) => Promise<Expected>;
  }> {
    const world = await workloadWorld(cluster);
    const publish = async (URL: string) => {
      const metadata = { name: "db", namespace: world.namespace };
      await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData: { URL, OTHER: "x" } });
      return publishedNow({}, { URL });
    };
    await publish("one");
    await world.deploy({ metadata: { annotations } });
    await world.settle(3);
    return { world, consumer: await world.open("deployment/web", { uses: ["secret/db"] }), publish };
  }

  function path({ namespace }: WorkloadWorld): string {
    return `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
  }
});
