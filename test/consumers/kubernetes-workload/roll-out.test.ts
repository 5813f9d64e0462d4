import { afterAll, beforeAll, expect, it } from "vitest";
import type { Instance } from "../../../src/core/ports.ts";
import { isSettled } from "../../../src/core/settled.ts";
import { reload, until } from "../../contract/consumer-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { publishedNow, readsDb, type WorkloadWorld, workloadWorld } from "./workload-world.ts";

const web = "/apis/apps/v1/namespaces";

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("a roll-out on a real API server, its node played by hand", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
  });
  afterAll(() => cluster.stop());

  it("restarts with one change of the template, and a second call changes nothing", async () => {
    const world = await started();
    const consumer = await world.open();
    const expected = publishedNow();

    await reload(consumer, "deployment/web", expected);
    const { metadata, spec } = await world.get(path(world));
    await reload(consumer, "deployment/web", expected);

    expect(spec).toMatchObject({
      template: {
        metadata: {
          annotations: {
            "kubectl.kubernetes.io/restartedAt": expected.since,
            "keyturn.dev/rotation": "r-7f3a",
            "keyturn.dev/published": expected.since,
          },
        },
      },
    });
    expect((await world.get(path(world))).metadata["resourceVersion"]).toBeDefined();
    expect((await world.get(path(world))).metadata.generation).toBe(metadata.generation);
  });

  it("is settled when every pod is new and ready, and names the 3 of 20 that are not", async () => {
    const world = await started({ spec: { replicas: 20 } }, 20);
    const consumer = await world.open();
    const expected = publishedNow();
    expect((await consumer.instances(expected)).map(({ on }) => on)).toEqual(Array(20).fill("old"));
    const old = await names(world);
    await reload(consumer, "deployment/web", expected);

    const slow = new Set<string>();
    const most = await world.seen(
      consumer,
      expected,
      (all) => all.filter((each) => isSettled([each])).length === 17 && all.filter(isNew).length === 20,
      (name) => {
        if (slow.size < 3 && !old.has(name)) slow.add(name);
        return slow.has(name);
      },
    );

    const late = most.filter((each) => !isSettled([each]));
    expect(
      late
        .filter(isNew)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual([...slow].map((name) => `deployment/web/${name}`).toSorted());
    expect(isSettled(most)).toBe(false);
    const done = await world.seen(consumer, expected, isSettled);
    expect(done).toHaveLength(20);
    expect(isSettled(done)).toBe(true);
    expect(new Set(done.flatMap(({ addresses }) => addresses)).size).toBe(20);
  });

  it("is not settled while a pod of before is ending", async () => {
    const world = await started();
    const before = await names(world);
    const consumer = await world.open();
    const expected = publishedNow();
    await reload(consumer, "deployment/web", expected);

    const all = await world.seen(
      consumer,
      expected,
      (seen) =>
        seen.filter((each) => isSettled([each])).length === 3 &&
        seen.filter(({ detail }) => detail === "is ending").length === 3,
      (name) => before.has(name),
    );

    expect(all.filter((each) => !isSettled([each])).map(({ on, ready, detail }) => [on, ready, detail])).toEqual(
      Array(3).fill(["old", false, "is ending"]),
    );
    const ended = await world.seen(consumer, expected, isSettled);
    expect(isSettled(ended)).toBe(true);
  });

  it.each([
    ["crashes on the place before", true],
    ["is not ready, without a crash", false],
  ])(
    "of a StatefulSet that waits for ever for a pod that %s is told, with the command that ends it",
    async (_, crashes) => {
      const world = await started({ kind: "StatefulSet", spec: { replicas: 2, serviceName: "web" } }, 2);
      const consumer = await world.open("statefulset/web");
      const hasty = await world.open("statefulset/web", { within: "1s" });
      const published = (place: string) =>
        publishedNow(crashes ? { [`kubernetes-secret-version test/${world.namespace}/db`]: place } : {});
      const old = (await world.get(pod(world))).metadata["uid"];
      await reload(consumer, "statefulset/web", published("db-r-7f3a-1"));
      await until(
        async () => {
          const { metadata } = await world.get(pod(world)).catch(() => ({ metadata: { uid: old } }));
          if (metadata["uid"] === old) await world.play();
          return metadata["uid"] !== old;
        },
        (made) => made,
      );
      const notReady = { type: "Ready", status: "False", lastTransitionTime: new Date().toISOString() };
      const state = crashes ? { waiting: { reason: "CrashLoopBackOff" } } : { running: {} };
      await world.patch(`${pod(world)}/status`, {
        status: {
          phase: "Running",
          conditions: [notReady],
          containerStatuses: [{ name: "app", ready: false, restartCount: 2, image: "none", imageID: "", state }],
        },
      });
      const back = published("db");
      await reload(consumer, "statefulset/web", back);

      const told = await world.seen(
        crashes ? consumer : hasty,
        back,
        (all) => all.some(({ failed }) => failed !== undefined),
        isLast,
      );

      const { failed } = told.find(({ id }) => id === "statefulset/web/web-1") ?? {};
      expect(failed).toMatchObject({ code: "pod_holds_up" });
      expect(failed?.sentence).toContain(`kubectl -n ${world.namespace} delete pod web-1`);
      if (!crashes) expect((await consumer.instances(back)).filter((each) => each.failed !== undefined)).toEqual([]);
      await cluster.api("DELETE", pod(world), { gracePeriodSeconds: 0 });
      expect(isSettled(await world.seen(consumer, back, isSettled))).toBe(true);
    },
  );

  const isLast = (name: string): boolean => name === "web-1";
  const pod = ({ namespace }: WorkloadWorld): string => `/api/v1/namespaces/${namespace}/pods/web-1`;
  const isNew = ({ on }: Instance): boolean => on === "new";
  async function started(made: Parameters<WorkloadWorld["deploy"]>[0] = {}, count = 3): Promise<WorkloadWorld> {
    const world = await workloadWorld(cluster);
    await world.deploy({ pod: readsDb, ...made });
    await world.settle(count);
    return world;
  }

  async function names(world: WorkloadWorld): Promise<ReadonlySet<string>> {
    return new Set((await world.pods()).map(({ metadata }) => metadata.name));
  }

  function path({ namespace }: WorkloadWorld): string {
    return `${web}/${namespace}/deployments/web`;
  }
});
