import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { TryLater } from "../../../src/core/errors.ts";
import { isSettled } from "../../../src/core/settled.ts";
import { consumerContext, reload, until } from "../../contract/consumer-world.ts";
import { startApiProxy } from "../../servers/kubernetes/api-proxy.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { publishedNow, type WorkloadWorld, workloadWorld } from "./workload-world.ts";

/** Reads versions of `db` in every way that a pod can, and much that looks like it and is none. */
function reading(now: string, before: string, older: string): object {
  const key = (name: string) => ({ valueFrom: { secretKeyRef: { name, key: "URL" } } });
  return {
    terminationGracePeriodSeconds: 1,
    initContainers: [{ name: "migrate", image: "none", env: [{ name: "DATABASE_URL", ...key(now) }] }],
    containers: [
      {
        name: "app",
        image: "none",
        env: [
          { name: "PLAIN", value: "db" },
          { name: "DATABASE_URL", ...key(now) },
          { name: "REPLICA", ...key("db-replica") },
          { name: "SETTING", valueFrom: { configMapKeyRef: { name: "db", key: "URL" } } },
        ],
        envFrom: [{ configMapRef: { name: "db" } }, { secretRef: { name: before }, prefix: "OLD_" }],
      },
      { name: "side", image: "none", env: [{ name: "URL", ...key(older) }] },
    ],
    imagePullSecrets: [{ name: "registry" }, { name: now }],
    volumes: [
      { name: "files", secret: { secretName: now } },
      { name: "more", secret: { secretName: "dbx" } },
      {
        name: "mixed",
        projected: {
          sources: [{ configMap: { name: "db" } }, { secret: { name: now } }, { secret: { name: "other" } }],
        },
      },
    ],
  };
}

const app = "/spec/template/spec/containers/0";

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("a workload that is pointed at a new Secret for each publish", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
  });
  afterAll(() => cluster.stop());

  it("has exactly the references to versions of that Secret changed, and its marks set, in one step", async () => {
    const world = await started();
    const consumer = await world.open();
    const before = await world.get(path(world));

    const place = "db-r-7f3a-1";
    const expected = published(world, place);
    await world.deploy({ name: "wanted", pod: reading(place, place, place), spec: { replicas: 0 } });

    await reload(consumer, "deployment/web", expected);

    const after = await world.get(path(world));
    const wanted = await world.get(path(world, "wanted"));
    expect(podOf(after)).toEqual(podOf(wanted));
    expect(podOf(after)).not.toEqual(podOf(before));
    expect(after.metadata.generation).toBe(before.metadata.generation + 1);
    expect(after.spec["template"]).toMatchObject({
      metadata: { annotations: { "keyturn.dev/published": expected.since, mine: "stays" } },
    });
  });

  it("keeps what is only called as a version is: a Secret without our label", async () => {
    const world = await workloadWorld(cluster);
    const { namespace } = world;
    const labels = { "keyturn.dev/secret": "db" };
    const others = { "keyturn.dev/secret": "other" };
    for (const metadata of [
      { name: "db-a" },
      { name: "db-replica-1", labels: others },
      { name: "db-b", labels },
      { name: "db-r-12ab-1", labels },
    ]) {
      await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { ...metadata, namespace } });
    }
    const envFrom = (...names: string[]) => ({
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "app", image: "none", envFrom: names.map((name) => ({ secretRef: { name } })) }],
    });
    await world.deploy({ pod: envFrom("db-a", "db-replica-1", "db-b", "db-r-12ab-1", "dbx-a") });
    await world.deploy({ name: "own", pod: envFrom("db-a", "db-replica-1"), spec: { replicas: 1 } });
    await world.settle(4);
    const consumer = await world.open("deployment/web", { uses: ["secret-version/db"] });
    const own = await world.open("deployment/own", { uses: ["secret-version/db"] });
    const expected = published(world, "db-r-7f3a-1");

    await reload(consumer, "deployment/web", expected);

    const wanted = envFrom("db-a", "db-replica-1", "db-r-7f3a-1", "db-r-7f3a-1", "dbx-a");
    expect(podOf(await world.get(path(world)))).toMatchObject(wanted);
    expect(isSettled(await world.seen(consumer, expected, isSettled))).toBe(true);
    await expect(own.reload("deployment/own", expected)).rejects.toMatchObject({ code: "nothing_to_repoint" });
    expect(await own.preflight()).toContainEqual(
      expect.objectContaining({ severity: "error", code: "nothing_to_repoint" }),
    );
    const search = world.bind("secret-version/db", { discover: true });
    const found = (await search.discover?.(consumerContext({}))) ?? [];
    expect(found.map(({ at }) => at)).toEqual([`test/${namespace}/deployment/web`]);
  });

  it("is on the new value only in pods that read the new place, and rolls out once", async () => {
    const world = await started();
    const consumer = await world.open();
    const expected = published(world, "db-r-7f3a-1");
    expect(
      (await consumer.instances(expected)).map(({ on, detail }) => [on, detail.includes("reads db, not db-r-7f3a-1")]),
    ).toEqual(Array(3).fill(["old", true]));

    await reload(consumer, "deployment/web", expected);
    await reload(consumer, "deployment/web", expected);

    expect(isSettled(await world.seen(consumer, expected, isSettled))).toBe(true);
    expect((await world.get(path(world))).metadata.generation).toBe(2);
  });

  it("shows the old value again after somebody's rollout undo", async () => {
    const world = await started();
    const consumer = await world.open();
    const expected = published(world, "db-r-7f3a-1");
    const before = await world.get(path(world));
    await reload(consumer, "deployment/web", expected);
    await world.seen(consumer, expected, isSettled);

    await world.patch(
      path(world),
      [{ op: "replace", path: "/spec/template", value: before.spec["template"] }],
      jsonPatch,
    );

    const all = await world.seen(
      consumer,
      expected,
      (seen) => seen.length === 3 && seen.every(({ on }) => on === "old"),
    );
    expect(all.map(({ on, ready }) => [on, ready])).toEqual(Array(3).fill(["old", true]));
    expect(all.find(({ failed }) => failed !== undefined)?.failed).toMatchObject({ code: "restart_undone" });
  });

  it("is asked again later when somebody writes it at the same moment", async () => {
    const world = await started();
    const consumer = await world.open();
    const expected = published(world, "db-r-7f3a-1");
    const stop = new AbortController();
    const edits = (async () => {
      for (let n = 0; !stop.signal.aborted; n += 1)
        await world.patch(path(world), { metadata: { labels: { n: `n${n}` } } });
    })();

    const tried: unknown[] = [];
    for (let n = 0; n < 200 && !tried.some((error) => error instanceof TryLater); n += 1) {
      const since = new Date(Date.parse(expected.since) + n).toISOString();
      tried.push(await consumer.reload("deployment/web", { ...expected, since }).catch((error: unknown) => error));
    }
    stop.abort();
    await edits;

    expect(tried.find((error) => error instanceof TryLater)).toMatchObject({ code: "workload_changed" });
    const again = () =>
      consumer.reload("deployment/web", expected).then(
        () => true,
        () => false,
      );
    expect(await until(again, (done) => done)).toBe(true);
  });

  it.each([
    ["puts a variable before ours", [{ op: "add", path: `${app}/env/0`, value: { name: "NEW", value: "x" } }]],
    ["takes ours out", [{ op: "remove", path: `${app}/env` }]],
    [
      "reorders the volumes",
      [{ op: "move", from: "/spec/template/spec/volumes/0", path: "/spec/template/spec/volumes/2" }],
    ],
  ])("reads again when a deploy that %s comes between its look and its patch", async (_, deploy) => {
    const world = await started();
    await using proxy = await startApiProxy(cluster);
    const connection = { kind: "kubernetes", kubeconfig: proxy.kubeconfigFor(cluster.kubeconfig) };
    const consumer = await world.open("deployment/web", { connection });
    const expected = published(world, "db-r-7f3a-1");
    const off = proxy.onCommand(async ({ text }): Promise<"forward"> => {
      if (!text.startsWith("PATCH deployments/web")) return "forward";
      off();
      await world.patch(path(world), deploy, jsonPatch);
      return "forward";
    });

    const first = await consumer.reload("deployment/web", expected).catch((error: unknown) => error);

    expect(first).toMatchObject({ name: "TryLater", code: "workload_changed" });
    await reload(consumer, "deployment/web", expected);
    const text = JSON.stringify(podOf(await world.get(path(world))));
    expect([text.includes('"db-r-7f3a-1"'), text.includes('"db-r-12ab-1"')]).toEqual([true, false]);
    await consumer.close();
  });

  it("gives up a patch that the API server finds invalid for the very version that was read", async () => {
    const world = await started();
    const consumer = await world.open();

    // While its status is written, the version that was read is not the present one.
    const refused = await until(
      () => consumer.reload("deployment/web", published(world, "db_R")).catch((error: unknown) => error),
      (error) => !(error instanceof TryLater),
    );

    expect(refused).toMatchObject({ name: "GiveUp", code: "kubernetes_invalid" });
  });

  it("is refused where a tool would point it back, or where nothing refers to the Secret", async () => {
    const world = await started({ metadata: { annotations: { "meta.helm.sh/release-name": "shop" } } });
    const consumer = await world.open("deployment/web", { uses: ["secret-version/db"] });
    const other = await world.open("deployment/web", { uses: ["secret-version/cache"] });

    expect(await consumer.preflight()).toContainEqual(
      expect.objectContaining({ severity: "error", code: "workload_owned" }),
    );
    await expect(consumer.reload("deployment/web", published(world, "db-r-7f3a-1"))).rejects.toMatchObject({
      code: "workload_owned",
    });
    expect(await other.preflight()).toContainEqual(
      expect.objectContaining({ severity: "error", code: "nothing_to_repoint" }),
    );
    const cache = publishedNow({ [`kubernetes-secret-version test/${world.namespace}/cache`]: "cache-r-7f3a-1" });
    await expect(other.reload("deployment/web", cache)).rejects.toMatchObject({ code: "nothing_to_repoint" });
    expect((await world.get(path(world))).metadata.generation).toBe(1);
  });

  it("is warned of where kubectl apply made it: its file names the Secret before", async () => {
    const world = await started({
      metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" } },
    });
    const warned = async (used: string) =>
      (await (await world.open("deployment/web", { uses: [used] })).preflight()).filter(
        ({ code, sentence }) => code === "apply_may_undo" && sentence.includes("was made by kubectl apply"),
      );

    expect(await warned("secret-version/db")).toMatchObject([{ severity: "warning" }]);
    expect(await warned("secret/registry")).toEqual([]);
  });

  it("is only restarted where the place belongs to another namespace, connection or Secret", async () => {
    const world = await started();
    const consumer = await world.open("deployment/web", { uses: ["secret/registry"] });
    const expected = publishedNow({
      [`kubernetes-secret-version test/${world.namespace}/db`]: "db-r-7f3a-1",
      "kubernetes-secret-version test/elsewhere/registry": "registry-r-7f3a-1",
    });

    await reload(consumer, "deployment/web", expected);

    expect(JSON.stringify((await world.get(path(world))).spec)).not.toContain("r-7f3a-1");
    expect(isSettled(await world.seen(consumer, expected, isSettled))).toBe(true);
  });

  const jsonPatch = "application/json-patch+json";

  async function started(made: Parameters<WorkloadWorld["deploy"]>[0] = {}): Promise<WorkloadWorld> {
    const world = await workloadWorld(cluster);
    await world.deploy({ pod: reading("db", "db-r-12ab-1", "db-r12ab-3"), annotations: { mine: "stays" }, ...made });
    await world.settle(3);
    return world;
  }

  function published({ namespace }: WorkloadWorld, place: string) {
    return publishedNow({ [`kubernetes-secret-version test/${namespace}/db`]: place });
  }

  function path({ namespace }: WorkloadWorld, name = "web"): string {
    return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  }

  function podOf({ spec }: Awaited<ReturnType<WorkloadWorld["get"]>>): unknown {
    return z.object({ template: z.object({ spec: z.unknown() }) }).parse(spec).template.spec;
  }
});
