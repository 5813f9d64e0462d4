import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rootUser } from "../rotators/redis-acl/world.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { type Cluster, startCluster } from "../servers/kubernetes/cluster.ts";
import { needs } from "../servers/need.ts";
import { type Postgres, startPostgres } from "../servers/postgres.ts";
import { type Redis, startRedis } from "../servers/redis.ts";
import { type ClusterShop, type ClusterShopOptions, isReady, openClusterShop, until } from "./cluster-shop.ts";
import { openStage, type Stage } from "./stage.ts";

needs(
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
  "etcd",
)("an application on Kubernetes", { timeout: 180_000 }, () => {
  let cluster: Cluster;
  let postgres: Postgres;
  let redis: Redis;
  beforeAll(async () => {
    cluster = await startCluster();
    const network = cluster.podNetwork?.cidr ?? "127.0.0.1/32";
    const hba = ["127.0.0.1/32", network].map((from) => `host all all ${from} scram-sha-256`);
    postgres = await startPostgres({ version: 18, hba, config: ["max_connections = 200"] });
    redis = await startRedis({ users: [rootUser, "default off"], config: ["protected-mode no"] });
  });
  afterAll(async () => {
    await cluster?.stop();
    await postgres?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  it("rotates PostgreSQL and Redis of one Secret, requested at the same moment: one roll-out at a time, nobody refused", async () => {
    await using story = await tell({ redis });
    const before = await story.shop.secret();
    const ids = [await story.stage.approved({ secret: "postgres" }), await story.stage.approved({ secret: "redis" })];
    const rotations = await Promise.all(ids.map((id) => story.stage.drive(id)));

    const locks = rotations.map(({ plan }) => plan.locks.filter((lock) => lock.startsWith("kubernetes-secret:")));
    expect(locks[0]).toEqual([
      expect.stringMatching(/#CONNECTIONSTRINGS__/),
      expect.stringMatching(/#TENANTDATABASES__/),
    ]);
    expect(locks[1]).toEqual([expect.stringMatching(/#REDIS__CONNECTIONSTRING$/)]);

    for (const rotation of rotations) {
      expect(rotation.ended, JSON.stringify([rotation.block, rotation.turnedBack])).toMatchObject({ status: "done" });
      expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused/);
      expect(rotation.steps["rollout"]?.sentence).toMatch(/3 of 3 pods on the new value/);
    }
    const [first, second] = rotations.map(({ steps }) => ({
      from: steps["publish"]?.startedAt ?? "",
      to: steps["verify"]?.doneAt ?? "",
    }));
    expect((first?.to ?? "") <= (second?.from ?? "") || (second?.to ?? "") <= (first?.from ?? "")).toBe(true);
    const after = await story.shop.secret();
    expect(Object.keys(after).filter((key) => after[key] !== before[key])).toEqual([
      "CONNECTIONSTRINGS__DEFAULTCONNECTION",
      "REDIS__CONNECTIONSTRING",
      "TENANTDATABASES__KURA",
    ]);
    expect(await story.shop.replicaSets()).toBe(3);
    expect((await story.shop.totals()).refused).toBe(0);
  });

  it("goes back by itself from a value that the pods reject: the old pods never stop serving, and nothing they dump is shown", async () => {
    await using story = await tell({ crashes: true });
    const before = await story.shop.secret();
    const id = await story.stage.approved({ secret: "postgres" });
    // Somebody takes the new role's right to connect away after the test login: only the pods are refused.
    await story.stage.drive(id, undefined, "test");
    const network = cluster.podNetwork?.cidr ?? "";
    await refuse(postgres, story.shop.roles[1], network);
    const rotation = await story.stage.drive(id);

    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "rolled_back" });
    expect(rotation.turnedBack?.reason.sentence).toMatch(/deployment\/backend/);
    expect(await story.shop.secret()).toEqual(before);
    const journal = JSON.stringify(await story.stage.state.load(id));
    expect(journal).not.toContain(story.shop.foreign);
    expect(journal).not.toContain(Buffer.from(story.shop.foreign).toString("base64").slice(0, 24));
    const pods = await story.shop.pods();
    expect(pods.filter(isReady)).toHaveLength(3);
  });

  it("a teammate's deploys during the roll-out and in the grace are theirs; a neighbour's edit survives the way back", async () => {
    await using story = await tell({ graceMs: 60_000 });
    const id = await story.stage.approved({ secret: "postgres" });
    await story.stage.drive(id, undefined, "publish");
    await deploy(cluster, story.shop.namespace, "1");
    const published = await story.stage.drive(id, ({ graceUntil }) => graceUntil !== undefined);
    expect(published.steps["rollout"]?.sentence).toMatch(/3 of 3 pods on the new value/);
    await deploy(cluster, story.shop.namespace, "2");
    await neighbourEdits(cluster, story.shop.namespace);
    const answer = await story.stage.desk.press({
      rotationId: id,
      asker: { kind: "slack", id: "U-ada", team: "T1" },
      verb: "roll-back",
      detail: "",
      onceKey: "once",
    });
    expect(answer.kind).toBe("ok");
    const rotation = await story.stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "rolled_back" });
    const after = await story.shop.secret();
    expect(after["NEIGHBOUR"]).toBe("edited meanwhile");
    expect(after["CONNECTIONSTRINGS__DEFAULTCONNECTION"]).toContain(story.shop.roles[0]);
    expect((await story.shop.totals()).refused).toBe(0);
    await until(async () => (await story.shop.pods()).length === 3, "only three pods are left");
  });

  async function tell(
    options: Partial<ClusterShopOptions>,
  ): Promise<AsyncDisposable & { shop: ClusterShop; stage: Stage; database: FreshDatabase }> {
    const database = await freshDatabase();
    const shop = await openClusterShop({ cluster, postgres, ...options });
    const stage = await openStage({ databaseUrl: database.url, ...shop });
    return {
      shop,
      stage,
      database,
      [Symbol.asyncDispose]: async () => {
        await stage.close();
        await shop.close();
        await database[Symbol.asyncDispose]();
      },
    };
  }
});

/** A pg_hba line before all others: this role is refused from where the pods are, and only there. */
async function refuse(postgres: Postgres, role: string, network: string): Promise<void> {
  const file = `${postgres.dataFolder}/pg_hba.conf`;
  await writeFile(file, `host all ${role} ${network} reject\n${await readFile(file, "utf8")}`);
  await postgres.query("SELECT pg_reload_conf()");
}

/** As `kubectl set env` does: another template, so another ReplicaSet. */
async function deploy(cluster: Cluster, namespace: string, release: string): Promise<void> {
  await cluster.api(
    "PATCH",
    `/apis/apps/v1/namespaces/${namespace}/deployments/backend`,
    { spec: { template: { metadata: { annotations: { release } } } } },
    "application/merge-patch+json",
  );
}

async function neighbourEdits(cluster: Cluster, namespace: string): Promise<void> {
  await cluster.api(
    "PATCH",
    `/api/v1/namespaces/${namespace}/secrets/backend`,
    { stringData: { NEIGHBOUR: "edited meanwhile" } },
    "application/merge-patch+json",
  );
}
