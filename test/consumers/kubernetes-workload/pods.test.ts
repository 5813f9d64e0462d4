import { afterAll, beforeAll, expect, it } from "vitest";
import type { Consumer, Expected } from "../../../src/core/ports.ts";
import { isSettled } from "../../../src/core/settled.ts";
import { reload, until } from "../../contract/consumer-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { type Made, publishedNow, type WorkloadWorld, workloadWorld } from "./workload-world.ts";

/** Says what it does not like and ends, unless it is given a word that it knows. */
const picky = (words: string) => ({
  terminationGracePeriodSeconds: 1,
  initContainers: [{ name: "init", image: "none", command: ["sh", "-c", "echo prepared"] }],
  containers: [
    {
      name: "app",
      image: "none",
      command: [
        "sh",
        "-c",
        `case "$WORD" in ${words}) echo "login ok"; exec sleep 1000;; esac; echo "FATAL: password authentication failed"; exit 3`,
      ],
      env: [{ name: "WORD", valueFrom: { secretKeyRef: { name: "db", key: "WORD" } } }],
    },
    { name: "side", image: "none", command: ["sh", "-c", "echo aside; exec sleep 1000"] },
  ],
});

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
)("pods that run", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  it("fail with their own last words when they reject the new value, and come back with the old one; the old ones never stopped", async () => {
    const { world, consumer, publish } = await started({ spec: { replicas: 2, minReadySeconds: 1 } });
    const before = (await consumer.instances(await publish("one"))).map(({ id }) => id);
    const bad = await publish("wrong");
    await reload(consumer, "deployment/web", bad);

    const all = await until(
      () => consumer.instances(bad),
      (seen) => seen.some(({ failed }) => failed !== undefined),
    );

    const broken = all.find(({ failed }) => failed !== undefined);
    expect(broken).toMatchObject({ on: "new", ready: false, failed: { code: "pod_crashes" } });
    expect(broken?.failed?.sentence).toMatch(/^container app crashes \(.*exit code 3/);
    expect(broken?.failed?.lines).toContain("FATAL: password authentication failed");
    expect(all.filter(({ on, ready }) => on === "old" && ready).map(({ id }) => id)).toEqual(before);
    const again = await publish("one");
    await reload(consumer, "deployment/web", again);
    const back = await settled(consumer, again);
    expect(back.map(({ on, ready }) => [on, ready])).toEqual([
      ["new", true],
      ["new", true],
    ]);
    expect((await world.pods()).length).toBe(2);
  });

  it("fail when the key that they read is not in the Secret", async () => {
    const { world, consumer, publish } = await started();
    const expected = await publish("two");
    await world.patch(`/api/v1/namespaces/${world.namespace}/secrets/db`, { data: { WORD: null } });
    await reload(consumer, "deployment/web", expected);

    const all = await until(
      () => consumer.instances(expected),
      (seen) => seen.some(({ failed }) => failed !== undefined),
    );

    expect(all.find(({ failed }) => failed !== undefined)?.failed).toMatchObject({ code: "pod_config" });
  });

  it("give the lines of every container, of init containers, and of the run before a restart", async () => {
    const { consumer, publish } = await started();
    const expected = await publish("wrong");
    await reload(consumer, "deployment/web", expected);
    await until(
      () => consumer.instances(expected),
      (seen) => seen.some(({ failed }) => failed !== undefined),
    );

    const logs = (await consumer.logs?.(expected.since)) ?? [];

    const texts = logs.flatMap(({ lines }) => lines.map(({ text }) => text));
    expect(new Set(texts)).toEqual(new Set(["prepared", "aside", "FATAL: password authentication failed"]));
    // A pod without a readiness probe is ready for a moment before it ends, so how many old ones are left is not fixed.
    const ids = logs.map(({ instance }) => instance);
    expect(ids).toHaveLength(3);
    expect(ids.filter((id) => !/^deployment\/web\/web-[a-z0-9]+-[a-z0-9]+$/.test(id))).toEqual([]);
    const silent = logs.filter(({ lines }) => lines.length === 0);
    expect(silent.length).toBeGreaterThan(0);
    expect(silent.filter(({ complete }) => !complete)).toEqual([]);
  });

  it.each([
    ["daemonset", { kind: "DaemonSet", spec: {} }, 1],
    ["statefulset", { kind: "StatefulSet", spec: { replicas: 2, serviceName: "web" } }, 2],
  ] as const)("of a %s are restarted and settle", async (kind, made, count) => {
    const { consumer, publish } = await started({ ...made, pod: picky("one|two") }, `${kind}/web`, count);
    const expected = await publish("two");
    expect((await consumer.instances(expected)).map(({ on }) => on)).toEqual(Array(count).fill("old"));

    await reload(consumer, `${kind}/web`, expected);

    expect(isSettled(await settled(consumer, expected))).toBe(true);
  });

  async function started(
    made: Made = {},
    at = "deployment/web",
    count = 2,
  ): Promise<{ world: WorkloadWorld; consumer: Consumer; publish: (word: string) => Promise<Expected> }> {
    const world = await workloadWorld(cluster, false);
    const publish = async (WORD: string): Promise<Expected> => {
      const metadata = { name: "db", namespace: world.namespace };
      await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData: { WORD } });
      return publishedNow({}, { WORD });
    };
    await publish("one");
    await world.deploy({ pod: picky("one"), spec: { replicas: 2 }, ...made });
    await world.settle(count);
    return { world, consumer: await world.open(at), publish };
  }

  function settled(consumer: Consumer, expected: Expected): ReturnType<Consumer["instances"]> {
    return until(() => consumer.instances(expected), isSettled);
  }
});
