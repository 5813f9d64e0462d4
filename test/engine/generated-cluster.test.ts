import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bodyOf } from "../../sandbox/world/token-http.ts";
import { readyPods, removeDeployment, secretData } from "../examples/cluster.ts";
import { exampleFor } from "../examples/example.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { type Cluster, startCluster } from "../servers/kubernetes/cluster.ts";
import { grant, type Names } from "../servers/kubernetes/grant.ts";
import { needs } from "../servers/need.ts";
import { freePort } from "../servers/port.ts";
import { until } from "./cluster-shop.ts";
import { type AdminClient, adminClient } from "./generated-client.ts";
import { email, oldPassword } from "./generated-story.ts";
import { openStage, type Stage } from "./stage.ts";
import { told } from "./token-story.ts";

const port = 3000;

needs(
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
  "etcd",
)("the0's root administrator on Kubernetes", { timeout: 180_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster?.stop());

  it("the0.yaml: has a new password in its Secret; the old one is refused, its sessions are dead", async () => {
    await using story = await tell("the0", 8);
    const { stage, client } = story;
    const session = (await client.login(email, oldPassword)) ?? "";
    expect(await client.whoIs(session)).toBe(email);

    const id = await stage.approved({ secret: "cluster-root-admin" });
    const rotation = await stage.drive(id);

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect(rotation.steps["rollout"]?.sentence).toMatch(/2 of 2 pods on the new value/);
    expect(rotation.steps["prove"]?.sentence).toBe(
      "proved: old credential refused (401; accepted by the same probe before), new accepted",
    );
    const secret = await story.secret();
    expect(secret).toEqual({ password: expect.stringMatching(/^[A-Za-z][A-Za-z0-9]{31}$/) });
    expect(await client.login(email, oldPassword)).toBeUndefined();
    expect(await client.whoIs(session)).toBeUndefined();
    expect(await client.whoIs((await client.login(email, secret["password"] ?? "")) ?? "")).toBe(email);
  });

  it("pods that do not start with it are brought back by themselves, and nobody was logged out", async () => {
    await using story = await tell("the0-strict", 40);
    const { stage, client } = story;
    const session = (await client.login(email, oldPassword)) ?? "";

    const id = await stage.approved({ secret: "cluster-root-admin" });
    const rotation = await stage.drive(id);

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back" });
    expect(rotation.turnedBack?.reason).toMatchObject({ code: "pod_crashes" });
    expect(rotation.turnedBack?.reason.hint).toMatch(/THE0_ADMIN_PASSWORD is invalid/);
    expect(await story.secret()).toEqual({ password: oldPassword });
    expect(await client.login(email, oldPassword)).toBeDefined();
    expect(await client.whoIs(session)).toBe(email);
  });

  type Story = AsyncDisposable & {
    readonly stage: Stage;
    readonly client: AdminClient;
    readonly secret: () => Promise<Readonly<Record<string, string>>>;
  };

  /** the0 with two replicas behind a Service, as its runbook has it. */
  async function tell(namespace: string, minPasswordLength: number): Promise<Story> {
    await using starting = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "keyturn-admin-"));
    starting.defer(() => rm(folder, { recursive: true, force: true }));
    const names: Names = {
      namespace,
      workload: "the0-api",
      secret: "the0-root-admin",
      options: ["probe"],
      manifests: [],
    };
    const kubeconfig = await grant(cluster, names);
    const stringData = { password: oldPassword };
    await cluster.apply(
      { apiVersion: "v1", kind: "Secret", metadata: { name: names.secret, namespace }, stringData },
      deploymentOf(names, join(folder, "accounts.json"), minPasswordLength),
    );
    starting.defer(() => removeDeployment(cluster, names));
    await until(async () => (await readyPods(cluster, namespace)).length === 2, "the pods are ready");
    const service = starting.use(await startService(() => readyPods(cluster, namespace)));
    const database = starting.use(await freshDatabase());
    const stage = await openStage({
      databaseUrl: database.url,
      folder,
      catalog: await exampleFor(
        "the0.yaml",
        [
          ["{ kind: kubernetes, context: the0 }", `{ kind: kubernetes, kubeconfig: ${JSON.stringify(kubeconfig)} }`],
          ["the0/the0/", `the0/${namespace}/`],
          ["https://the0.example", service.url],
          ["port: 3000", `port: ${String(port)}`],
          ["admin@the0.example", email],
          ["/home/the0/.the0/compose", folder],
          ["Mon-Fri 06:00-08:00", "Mon-Sun 00:00-24:00"],
          ['    oncall: "@the0-oncall"', '    oncall: "@oncall"\n    requesters: ["@oncall"]'],
          ['[{ from: "@the0-admins", min: 2 }]', '[{ from: "@security", min: 1 }, { from: "@oncall", min: 1 }]'],
        ],
        ["cluster-root-admin"],
      ),
      references: {},
    });
    starting.defer(() => stage.close());
    const running = starting.move();
    return {
      stage,
      client: adminClient(service.url),
      secret: () => secretData(cluster, namespace, names.secret),
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  }
});

function deploymentOf({ namespace, workload, secret }: Names, accounts: string, minPasswordLength: number): object {
  const labels = { app: workload };
  const container = {
    name: workload,
    image: workload,
    command: [process.execPath, fileURLToPath(new URL("../../sandbox/world/admin-app.ts", import.meta.url))],
    env: [
      { name: "THE0_ADMIN_EMAIL", value: email },
      { name: "THE0_ADMIN_PASSWORD", valueFrom: { secretKeyRef: { name: secret, key: "password" } } },
      { name: "MIN_PASSWORD_LENGTH", value: String(minPasswordLength) },
      { name: "ACCOUNTS_FILE", value: accounts },
      { name: "HOST", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "PORT", value: String(port) },
    ],
    readinessProbe: { httpGet: { path: "/health", port }, periodSeconds: 1, failureThreshold: 2 },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: workload, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 5, containers: [container] } },
    },
  };
}

/** What a Service does: passes each request to one of the ready pods, another one each time. */
async function startService(pods: () => Promise<readonly string[]>): Promise<AsyncDisposable & { url: string }> {
  let turn = 0;
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const body = await bodyOf(request);
      const ready = await pods();
      turn += 1;
      const pod = ready[turn % ready.length] ?? "";
      const passed = await fetch(`http://${pod}:${String(port)}${request.url ?? ""}`, {
        method: request.method ?? "GET",
        headers: { authorization: request.headers.authorization ?? "" },
        ...(body === "" ? {} : { body }),
      });
      response.writeHead(passed.status, { "content-type": "application/json" }).end(await passed.text());
    };
    pass().catch(() => response.writeHead(502).end());
  });
  const own = await freePort();
  await new Promise<void>((resolve) => server.listen(own, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${String(own)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
