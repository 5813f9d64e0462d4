import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type Cluster, openCluster } from "../../../src/connections/kubernetes/cluster.ts";
import { TryLater } from "../../../src/core/errors.ts";
import { contextOf } from "../../contract/store-world.ts";
import { startCluster, type Cluster as TestCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";

const namespace = "default";
/** Logs two lines, answers HTTP with what it was asked, and crashes at /crash. */
const app = `
  console.log("run begins");
  console.error("to stderr");
  require("node:http").createServer((asked, answer) => {
    if (asked.url === "/crash") { console.log("last words"); process.exit(7); }
    if (asked.url === "/hang") return;
    if (asked.url === "/drop") return asked.socket.destroy();
    let body = "";
    asked.on("data", (part) => (body += part));
    asked.on("end", () => answer.writeHead(asked.url === "/refused" ? 403 : 200, { "x-app": "yes" })
      .end(asked.method + " " + asked.url + " " + (asked.headers["x-ours"] ?? "") + " " + (asked.headers.authorization ?? "none") + " " + body));
  }).listen(8080, process.env.POD_IP);
`;
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web" },
  spec: {
    containers: [
      {
        name: "web",
        image: "none",
        command: [process.execPath, "-e", app],
        env: [{ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
        readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
      },
    ],
  },
};
const waiting = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "waiting" },
  spec: {
    containers: [
      { name: "c", image: "none", env: [{ name: "A", valueFrom: { secretKeyRef: { name: "no", key: "A" } } }] },
    ],
  },
};
const Status = z.object({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
    containerStatuses: z.array(z.object({ restartCount: z.number() })).default([]),
  }),
});

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
)("the pods of a cluster", () => {
  let server: TestCluster;
  let cluster: Cluster;
  beforeAll(async () => {
    server = await startCluster();
    await server.apply(pod, waiting);
    cluster = await openCluster({ kind: "kubernetes", kubeconfig: server.kubeconfig }, contextOf({}));
  });
  afterAll(async () => {
    await cluster.close();
    await server.stop();
  });

  const status = async () =>
    (await cluster.get({ api: "v1", resource: "pods", namespace, name: "web" }, Status)).status;
  const ready = async (): Promise<boolean> =>
    (await status()).conditions.some((condition) => condition.type === "Ready" && condition.status === "True");

  it("become ready", async () => {
    await expect.poll(ready, { timeout: 30_000 }).toBe(true);
  });

  it("run an argv without a shell, with exit code and both outputs apart", async () => {
    const script = "console.log('out', process.argv[1]); console.error('err'); process.exit(3)";
    const argv = [process.execPath, "-e", script, "a b $HOME"];
    expect(await cluster.exec(namespace, "web", "web", argv)).toEqual({
      code: 3,
      stdout: "out a b $HOME\n",
      stderr: "err\n",
      truncated: false,
    });
  });

  it("get their whole input and its end, and give back at most 64 KiB", async () => {
    const copy = ["cat"];
    expect(await cluster.exec(namespace, "web", "web", copy, { stdin: "SELECT 1;\n" })).toMatchObject({
      code: 0,
      stdout: "SELECT 1;\n",
    });
    const large = await cluster.exec(namespace, "web", "web", ["head", "-c", "100000", "/dev/zero"]);
    expect([large.stdout.length, large.truncated]).toEqual([65_536, true]);
  });

  it("are left when a program does not end", async () => {
    const error = await caught(cluster.exec(namespace, "web", "web", ["sleep", "30"], { timeoutMs: 500 }));
    expect(error).toBeInstanceOf(TryLater);
    expect(error).toMatchObject({ code: "kubernetes_exec_timed_out" });
  });

  it("are named when they are not there, or cannot run the program", async () => {
    expect(await caught(cluster.exec(namespace, "none", "web", ["true"]))).toMatchObject({
      code: "kubernetes_not_found",
    });
    expect(await caught(cluster.exec(namespace, "web", "web", ["/no/such/program"]))).toMatchObject({
      code: "kubernetes_exec_failed",
    });
  });

  it("are asked through the API server: their answers are values, their own login is not ours", async () => {
    const port = { port: 8080 };
    const asked = await cluster.proxyGet(namespace, "web", port, "/health?a=b%20c", { headers: { "x-ours": "1" } });
    expect(asked).toMatchObject({ status: 200, body: "GET /health?a=b%20c 1 none ", truncated: false });
    expect(asked.headers.get("x-app")).toBe("yes");
    expect(await cluster.proxyGet(namespace, "web", port, "/x", { method: "POST", body: "hello" })).toMatchObject({
      body: "POST /x  none hello",
    });
    expect(await cluster.proxyGet(namespace, "web", port, "/refused")).toMatchObject({ status: 403 });
    expect(await caught(cluster.proxyGet(namespace, "web", { port: 9 }, "/"))).toMatchObject({
      code: "kubernetes_busy",
    });
  });

  it("are asked over a forwarded port: every header reaches them, the login of their own among them", async () => {
    const port = { port: 8080 };
    const headers = { Authorization: "Bearer theirs", "x-ours": "1" };
    expect(await cluster.forward(namespace, "web", port, "/health?a=b%20c", { headers })).toMatchObject({
      status: 200,
      body: "GET /health?a=b%20c 1 Bearer theirs ",
      truncated: false,
    });
    const body = "x".repeat(200_000);
    const large = await cluster.forward(namespace, "web", port, "/x", { method: "POST", body });
    expect(large).toMatchObject({ body: `POST /x  none ${body}` });
    expect(large.headers.get("x-app")).toBe("yes");
    expect(await cluster.forward(namespace, "web", port, "/refused")).toMatchObject({ status: 403 });
  });

  it("are no verdict over a forwarded port where nobody listens, answers or is", async () => {
    const to = (port: number, path: string, timeoutMs = 5_000) =>
      caught(cluster.forward(namespace, "web", { port }, path, { timeoutMs }));
    expect(await to(9, "/")).toMatchObject({ code: "kubernetes_forward_broken" });
    expect(await to(8080, "/hang", 300)).toMatchObject({ code: "kubernetes_timed_out" });
    expect(await to(8080, "/drop")).toMatchObject({ code: "kubernetes_forward_broken" });
    expect(await caught(cluster.forward(namespace, "none", { port: 8080 }, "/"))).toMatchObject({
      code: "kubernetes_not_found",
    });
  });

  it("show their logs, of the run before as well, and none where there are none", async () => {
    const logs = (previous: boolean) =>
      cluster.logs(namespace, "web", {
        container: "web",
        previous,
        timestamps: true,
        sinceTime: "2020-01-01T00:00:00Z",
      });
    await expect.poll(() => logs(false)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) run begins$/m);
    expect(await logs(true)).toBeUndefined();
    expect(await cluster.logs(namespace, "waiting", { container: "c" })).toBeUndefined();

    await caught(cluster.proxyGet(namespace, "web", { port: 8080 }, "/crash"));

    await expect.poll(async () => (await status()).containerStatuses[0]?.restartCount, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => logs(true), { timeout: 20_000 }).toMatch(/last words$/m);
    expect(await cluster.logs(namespace, "web", { container: "web", previous: true, limitBytes: 5 })).toHaveLength(5);
  });
});

async function caught(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
