import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { pruneOld } from "../../src/core/desk/prune-old.ts";
import type { Rotation } from "../../src/core/rotation.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { type Cluster, startCluster } from "../servers/kubernetes/cluster.ts";
import { needs } from "../servers/need.ts";
import { type Postgres, startPostgres } from "../servers/postgres.ts";
import { type ClusterShop, openClusterShop, until } from "./cluster-shop.ts";
import { openStage, type Stage } from "./stage.ts";

const Names = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });
const key = "CONNECTIONSTRINGS__DEFAULTCONNECTION";

needs(
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
  "etcd",
)("an application whose Secret is made anew at each publish", { timeout: 180_000 }, () => {
  let cluster: Cluster;
  let postgres: Postgres;
  let database: FreshDatabase;
  let shop: ClusterShop;
  let stage: Stage;
  beforeAll(async () => {
    cluster = await startCluster();
    const network = cluster.podNetwork?.cidr ?? "127.0.0.1/32";
    const hba = ["127.0.0.1/32", network].map((from) => `host all all ${from} scram-sha-256`);
    postgres = await startPostgres({ version: 18, hba });
    database = await freshDatabase();
    shop = await openClusterShop({ cluster, postgres, graceMs: 1_000, store: "kubernetes-secret-version" });
    stage = await openStage({ databaseUrl: database.url, ...shop });
  });
  afterAll(async () => {
    await stage?.close();
    await shop?.close();
    await cluster?.stop();
    await postgres?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  it("is rotated with exactly one roll-out, nobody refused; the way back is a version of its own; the sweeper clears up", async () => {
    const before = await shop.secret();
    const first = await stage.approved({ secret: "postgres" });
    const done = await stage.drive(first);
    expect(done.ended, why(done)).toMatchObject({ status: "done" });
    expect(done.steps["rollout"]?.sentence).toMatch(/3 of 3 pods on the new value/);
    expect(await secrets()).toEqual(["backend", `backend-${first}-1`]);
    expect(await shop.secret()).toEqual(before);
    expect((await shop.secret(`backend-${first}-1`))[key]).toContain(shop.roles[1]);
    expect(await shop.replicaSets()).toBe(2);
    expect((await shop.totals()).refused).toBe(0);

    const second = await stage.approved({ secret: "postgres" });
    await stage.drive(second, ({ graceUntil }) => graceUntil !== undefined);
    expect(await shop.replicaSets()).toBe(3);
    const answer = await stage.desk.press({
      rotationId: second,
      asker: { kind: "slack", id: "U-ada", team: "T1" },
      verb: "roll-back",
      detail: "",
      onceKey: "once",
    });
    expect(answer.kind).toBe("ok");
    const back = await stage.drive(second);
    expect(back.ended, why(back)).toMatchObject({ status: "rolled_back" });
    expect(await secrets()).toEqual(
      ["backend", `backend-${first}-1`, `backend-${second}-1`, `backend-${second}-2`].toSorted(),
    );
    expect(await shop.secret(`backend-${second}-2`)).toEqual(await shop.secret(`backend-${first}-1`));
    expect(await shop.replicaSets()).toBe(4);
    expect((await shop.totals()).refused).toBe(0);

    // Nothing can be rolled back any more, so nothing refers to the versions before.
    const deployment = `/apis/apps/v1/namespaces/${shop.namespace}/deployments/backend`;
    await cluster.api("PATCH", deployment, { spec: { revisionHistoryLimit: 0 } }, "application/merge-patch+json");
    await until(async () => (await shop.replicaSets()) === 1, "one ReplicaSet is left");
    await until(async () => (await shop.pods()).length === 3, "three pods are left");
    await pruneOld(stage.deps, new AbortController().signal);
    expect(await secrets()).toEqual(["backend", `backend-${second}-2`]);
  });

  async function secrets(): Promise<readonly string[]> {
    const { items } = Names.parse(await cluster.api("GET", `/api/v1/namespaces/${shop.namespace}/secrets`));
    return items.map(({ metadata }) => metadata.name).toSorted();
  }
});

function why(rotation: Rotation): string {
  return JSON.stringify([rotation.block, rotation.turnedBack, rotation.findings]);
}
