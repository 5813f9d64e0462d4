import { afterAll, beforeAll, expect, it } from "vitest";
import type { Instance } from "../../../src/core/ports.ts";
import { isSettled } from "../../../src/core/settled.ts";
import { reload } from "../../contract/consumer-world.ts";
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
      (seen) => seen.filter((each) => isSettled([each])).length === 3 && seen.length === 6,
      (name) => before.has(name),
    );

    expect(all.filter((each) => !isSettled([each])).map(({ on, ready, detail }) => [on, ready, detail])).toEqual(
      Array(3).fill(["old", false, "is ending"]),
    );
    const ended = await world.seen(consumer, expected, isSettled);
    expect(isSettled(ended)).toBe(true);
  });

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
