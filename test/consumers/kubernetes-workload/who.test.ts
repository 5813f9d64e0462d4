import { afterAll, beforeAll, expect, it } from "vitest";
import { kubernetesWorkload } from "../../../src/consumers/kubernetes-workload/consumer.ts";
import { discover } from "../../../src/core/desk/discover.ts";
import { isSettled } from "../../../src/core/settled.ts";
import { Entry } from "../../../src/core/target.ts";
import { consumerContext, reload } from "../../contract/consumer-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { publishedNow, readsDb, workloadWorld } from "./workload-world.ts";

const plain = { name: "app", image: "none" };
const never = { ...readsDb, restartPolicy: "Never" };

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("who uses a Secret, on a real API server", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
  });
  afterAll(() => cluster.stop());

  it("finds every workload that reads it, however it does, and no other", async () => {
    const world = await workloadWorld(cluster);
    const key = { name: "URL", valueFrom: { secretKeyRef: { name: "db", key: "URL" } } };
    const projected = { name: "v", projected: { sources: [{ secret: { name: "db" } }] } };
    await world.deploy({ name: "by-env", pod: { containers: [{ ...plain, env: [key] }] } });
    await world.deploy({ name: "by-env-from", pod: readsDb });
    await world.deploy({
      name: "by-init",
      pod: { initContainers: [{ ...plain, name: "init", env: [key] }], containers: [plain] },
    });
    await world.deploy({
      name: "by-volume",
      kind: "StatefulSet",
      pod: { containers: [plain], volumes: [{ name: "v", secret: { secretName: "db" } }] },
    });
    await world.deploy({
      name: "by-projection",
      kind: "DaemonSet",
      pod: { containers: [plain], volumes: [projected] },
    });
    await world.deploy({ name: "by-pull", pod: { containers: [plain], imagePullSecrets: [{ name: "db" }] } });
    await world.deploy({
      name: "other",
      pod: {
        containers: [
          {
            ...plain,
            env: [{ name: "URL", value: "db" }],
            envFrom: [{ configMapRef: { name: "db" } }, { secretRef: { name: "db2" } }],
          },
        ],
      },
    });

    const entry = world.entry("secret/db", { discover: true, settle: "5s" });
    const found = await kubernetesWorkload.bind(entry).discover?.(consumerContext({}));

    const { connection } = entry;
    const wanted = [
      "deployment/by-env",
      "deployment/by-env-from",
      "deployment/by-init",
      "deployment/by-pull",
      "statefulset/by-volume",
      "daemonset/by-projection",
    ];
    expect(found).toEqual(
      wanted.map((at) => ({
        kind: "kubernetes-workload",
        at: `test/${world.namespace}/${at}`,
        uses: ["secret/db"],
        settle: "5s",
        connection,
      })),
    );
    for (const each of found ?? [])
      expect(kubernetesWorkload.bind(each).shape).toMatchObject({ holdMs: 5_000, noun: "pods" });
    const byConfigmap = world.bind("configmap/db", { discover: true });
    expect((await byConfigmap.discover?.(consumerContext({})))?.map(({ at }) => at)).toEqual([
      `test/${world.namespace}/deployment/other`,
    ]);
    expect(await world.bind("secret/none", { discover: true }).discover?.(consumerContext({}))).toEqual([]);
  });

  it("finds workloads that read any version of it", async () => {
    const world = await workloadWorld(cluster);
    for (const name of ["db", "db-r-7f3a-1", "db-b", "db-replica"]) {
      await world.deploy({
        name: `reads-${name}`,
        pod: { containers: [{ ...plain, envFrom: [{ secretRef: { name } }] }] },
      });
    }

    const found = await world.bind("secret-version/db", { discover: true }).discover?.(consumerContext({}));

    expect(found?.map(({ at, uses }) => [at, uses])).toEqual(
      ["db", "db-b", "db-r-7f3a-1"].map((name) => [
        `test/${world.namespace}/deployment/reads-${name}`,
        ["secret-version/db"],
      ]),
    );
  });

  it("finds a workload whose pods get their pull secret from the ServiceAccount", async () => {
    const world = await workloadWorld(cluster);
    const { namespace } = world;
    const metadata = { name: "puller", namespace };
    await cluster.apply({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata,
      imagePullSecrets: [{ name: "registry" }],
    });
    const pod = { ...readsDb, serviceAccountName: "puller" };
    await world.deploy({ name: "pulls", pod, spec: { replicas: 1 } });
    await world.deploy({ name: "other", spec: { replicas: 1 } });
    await world.settle(2);

    const search = world.bind("secret/registry", { discover: true });
    const found = (await search.discover?.(consumerContext({}))) ?? [];

    expect(found.map(({ at }) => at)).toEqual([`test/${namespace}/deployment/pulls`]);
    const uses = ["secret/registry"];
    expect(await (await world.open("deployment/pulls", { uses })).preflight()).toEqual([]);
    expect(await (await world.open("deployment/other", { uses })).preflight()).toMatchObject([{ code: "not_used" }]);
  });

  it("names who reads it where no workload does: an Ingress is not nobody", async () => {
    const world = await workloadWorld(cluster);
    const spec = {
      tls: [{ hosts: ["shop.test"], secretName: "cert" }],
      defaultBackend: { service: { name: "web", port: { number: 80 } } },
    };
    const metadata = { name: "front", namespace: world.namespace };
    await cluster.apply({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata, spec });
    const kinds = { connections: [], rotators: [], stores: [], consumers: [kubernetesWorkload], checks: [] };
    const search = (name: string) =>
      discover(
        kinds,
        { consumers: [Entry.parse(world.entry(`secret/${name}`, { discover: true }))] },
        consumerContext({}),
      );

    expect((await search("cert")).findings).toMatchObject([
      {
        severity: "error",
        code: "zero_consumers",
        sentence: expect.stringContaining("nothing was found that could be reloaded"),
      },
      {
        severity: "warning",
        code: "laggard",
        sentence: expect.stringContaining("ingress/front: serves the certificate"),
      },
    ]);
    expect((await search("none")).findings).toMatchObject([
      { code: "zero_consumers", sentence: expect.stringContaining("nothing was found that uses it") },
    ]);
  });

  it("names whoever else reads it and is reached by no restart", async () => {
    const world = await workloadWorld(cluster);
    await world.deploy();
    const template = { spec: never };
    const batch = { apiVersion: "batch/v1" };
    const at = (name: string) => ({ metadata: { name, namespace: world.namespace } });
    const labels = { app: "bare-set" };
    await cluster.apply(
      { ...batch, kind: "Job", ...at("import"), spec: { template } },
      {
        ...batch,
        kind: "CronJob",
        ...at("nightly"),
        spec: { schedule: "0 3 * * *", jobTemplate: { spec: { template } } },
      },
      {
        ...batch,
        kind: "CronJob",
        ...at("unrelated"),
        spec: {
          schedule: "0 3 * * *",
          jobTemplate: { spec: { template: { spec: { containers: [plain], restartPolicy: "Never" } } } },
        },
      },
      { apiVersion: "v1", kind: "Pod", ...at("debug"), spec: readsDb },
      {
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        ...at("bare-set"),
        spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: readsDb } },
      },
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        ...at("front"),
        spec: {
          tls: [{ hosts: ["shop.test"], secretName: "db" }],
          defaultBackend: { service: { name: "web", port: { number: 80 } } },
        },
      },
    );
    await expect.poll(async () => (await world.pods()).length, { timeout: 20_000 }).toBe(6);

    const findings = await (await world.open("deployment/web", { uses: ["secret/db"] })).preflight();

    expect(findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual(Array(4).fill("warning laggard"));
    expect(findings.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^job\/import: keeps the secret db/),
      expect.stringMatching(/^cronjob\/nightly: reads secret db: its next run/),
      expect.stringMatching(/^pod\/bare-set-\w+, pod\/debug: reads secret db and belongs to no Deployment/),
      expect.stringMatching(/^ingress\/front: serves the certificate in secret db/),
    ]);
  });

  it("looks past a stranger's pod with a volume of no sources, which the API tells as null", async () => {
    const world = await workloadWorld(cluster);
    await world.deploy();
    const bare = { automountServiceAccountToken: false };
    const [metadata, volumes] = [{ name: "odd", namespace: world.namespace }, [{ name: "none", projected: {} }]];
    await cluster.apply({ apiVersion: "v1", kind: "Pod", metadata, spec: { ...readsDb, volumes, ...bare } });
    await world.settle(4);
    expect((await world.get(`/api/v1/namespaces/${world.namespace}/pods/odd`)).spec["volumes"]).toMatchObject([
      { projected: { sources: null } },
    ]);

    const consumer = await world.open("deployment/web", { uses: ["secret/db"] });

    expect(await consumer.instances(publishedNow())).toHaveLength(3);
    expect((await consumer.preflight()).map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^pod\/odd: reads secret db/),
    ]);
  });

  it("looks at many workloads of a namespace with three lists, and restarts each with one patch", async () => {
    const world = await workloadWorld(cluster);
    const units = ["a", "b", "c", "d", "e", "f"].map((name) => `deployment/${name}`);
    for (const unit of units) await world.deploy({ name: unit.split("/")[1] ?? "", spec: { replicas: 1 } });
    await world.settle(units.length);
    const context = consumerContext({});
    const consumers = await Promise.all(units.map((unit) => world.bind(unit).open(context)));
    const expected = publishedNow();
    const before = await counted();

    for (const consumer of consumers) expect((await consumer.instances(expected)).map(({ on }) => on)).toEqual(["old"]);

    const looked = await counted();
    expect(looked.LIST - before.LIST).toBe(3);
    for (const [index, consumer] of consumers.entries()) await reload(consumer, units[index] ?? "", expected);
    expect((await counted()).PATCH - looked.PATCH).toBe(units.length);
    for (const consumer of consumers) expect(isSettled(await world.seen(consumer, expected, isSettled))).toBe(true);
    for (const consumer of consumers) await consumer.close();
  });

  /** Requests of this test so far, as the API server counts them: its controllers list and watch whole clusters. */
  async function counted(): Promise<{ LIST: number; PATCH: number }> {
    const metrics = String(await cluster.api("GET", "/metrics"));
    const sum = (verb: string, resources: string): number =>
      [
        ...metrics.matchAll(
          new RegExp(
            `^apiserver_request_total\\{(?=[^}]*resource="(?:${resources})")(?=[^}]*verb="${verb}")(?=[^}]*subresource="")(?=[^}]*scope="(?:namespace|resource)")[^}]*\\} (\\S+)$`,
            "gm",
          ),
        ),
      ]
        .map(([, count]) => Number(count))
        .reduce((all, one) => all + one, 0);
    return { LIST: sum("LIST", "pods|replicasets|deployments"), PATCH: sum("PATCH", "deployments") };
  }
});
