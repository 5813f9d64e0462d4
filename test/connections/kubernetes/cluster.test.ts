import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type Cluster, openCluster } from "../../../src/connections/kubernetes/cluster.ts";
import { Metadata, Named } from "../../../src/connections/kubernetes/objects.ts";
import { GiveUp, LeaseLost, LostRace, TryLater } from "../../../src/core/errors.ts";
import { contextOf } from "../../contract/store-world.ts";
import { startCluster, type Cluster as TestCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { kubeconfigWith, plainKubeconfig } from "./plain-kubeconfig.ts";

const canary = "canary-Api-9sKq";
const Secret = z.object({ metadata: Metadata, data: z.record(z.string(), z.string()) });
const db = { api: "v1", resource: "secrets", namespace: "shop", name: "db" };
const maps = { api: "v1", resource: "configmaps", namespace: "shop" };

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("the Kubernetes API", () => {
  let server: TestCluster;
  let admin: Cluster;
  let reader: Cluster;
  beforeAll(async () => {
    server = await startCluster({ kubelet: false });
    await server.apply(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "reader", namespace: "shop" } },
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "db", namespace: "shop" },
        stringData: { A: canary, B: "b" },
      },
    );
    admin = await openCluster({ kind: "kubernetes", kubeconfig: server.kubeconfig }, contextOf({}));
    const kubeconfig = await server.kubeconfigFor("shop", "reader");
    reader = await openCluster({ kind: "kubernetes", kubeconfig, context: "test" }, contextOf({}));
  });
  afterAll(async () => {
    await admin.close();
    await reader.close();
    await server.stop();
  });

  it("reads an object, and tells a missing one from it", async () => {
    expect((await admin.get(db, Secret)).data["B"]).toBe(Buffer.from("b").toString("base64"));
    expect(await admin.find({ ...db, name: "none" }, Secret)).toBeUndefined();
    expect(await caught(admin.get({ ...db, name: "none" }, Secret))).toMatchObject({
      code: "kubernetes_not_found",
      message: "there is no secrets/none in shop",
    });
  });

  it("patches by compare-and-set: a stale version is a lost race and changes nothing", async () => {
    const { metadata } = await admin.get(db, Named);
    const patch = (value: string) =>
      admin.patch(
        db,
        { kind: "merge", body: { metadata: { resourceVersion: metadata.resourceVersion }, data: { B: value } } },
        Secret,
      );
    const after = await patch("YQ==");

    expect(after.metadata.resourceVersion).not.toBe(metadata.resourceVersion);
    expect(after.metadata.managedFields.map(({ manager }) => manager)).toContain("keyturn");
    expect(await caught(patch("Yg=="))).toBeInstanceOf(LostRace);
    expect((await admin.get(db, Secret)).data["B"]).toBe("YQ==");
  });

  it("keeps nothing of a dry run", async () => {
    const patch = { kind: "merge", body: { data: { B: "ZHJ5" } } } as const;

    expect((await admin.patch(db, patch, Secret, { dryRun: true })).data["B"]).toBe("ZHJ5");
    expect((await admin.get(db, Secret)).data["B"]).not.toBe("ZHJ5");
  });

  it("creates, lists over pages, applies, and deletes once", async () => {
    const one = { ...maps, name: "m-0" };
    const body = (index: number) => ({ metadata: { name: `m-${index}`, labels: { many: "yes" } }, data: { A: "a" } });
    for (let index = 0; index < 520; index += 40) {
      await Promise.all(
        Array.from({ length: Math.min(40, 520 - index) }, (_, each) => admin.create(maps, body(index + each), Named)),
      );
    }

    expect(await admin.list(maps, Named, { labelSelector: "many=yes" })).toHaveLength(520);
    expect(await caught(admin.create(maps, body(0), Named))).toBeInstanceOf(LostRace);
    const applied = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m-0" }, data: { B: "b" } };
    const json = [{ op: "replace", path: "/data/A", value: "z" }];
    await admin.patch(one, { kind: "apply", body: applied }, Named);
    await admin.patch(one, { kind: "json", body: json }, Named);
    expect(await admin.get(one, z.object({ data: z.json() }))).toEqual({ data: { A: "z", B: "b" } });
    const { metadata } = await admin.get(one, Named);
    expect(await caught(admin.delete(one, { uid: "another" }))).toBeInstanceOf(LostRace);
    expect(await admin.delete(one, { uid: metadata.uid })).toBe("deleted");
    expect(await admin.delete(one)).toBe("absent");
  });

  it("says which right is missing, with the rule to add", async () => {
    expect(await caught(reader.get(db, Named))).toMatchObject({
      code: "kubernetes_forbidden",
      message: "Keyturn may not get secrets/db in shop (403 Forbidden)",
      hint: `see \`kubectl auth can-i get secrets/db -n shop\`; add to Keyturn's Role in namespace shop: - { apiGroups: [""], resources: ["secrets"], resourceNames: ["db"], verbs: ["get"] }`,
    });
    const list = await caught(reader.list({ api: "apps/v1", resource: "deployments", namespace: "shop" }, Named));
    expect(list).toMatchObject({
      hint: expect.stringContaining('- { apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"] }'),
    });
    expect(await caught(reader.exec("shop", "web", "web", ["true"]))).toMatchObject({
      code: "kubernetes_forbidden",
      hint: expect.stringContaining('resources: ["pods/exec"], resourceNames: ["web"], verbs: ["get", "create"]'),
    });
    expect(await caught(reader.forward("shop", "web", { port: 80 }, "/health"))).toMatchObject({
      code: "kubernetes_forbidden",
      hint: expect.stringContaining(
        'resources: ["pods/portforward"], resourceNames: ["web"], verbs: ["get", "create"]',
      ),
    });
    expect(await caught(reader.proxyGet("shop", "web", { port: 80 }, "/health"))).toMatchObject({
      hint: expect.stringContaining('resources: ["pods/proxy"], resourceNames: ["web"], verbs: ["get"]'),
    });
  });

  it("does not climb out of the pod proxy, and hands no login on", async () => {
    for (const path of ["/../../secrets/db", "/%2e%2e/%2e%2e/secrets/db", "health", "/a/../../../x"]) {
      expect(await caught(admin.proxyGet("shop", "web", { port: 80 }, path))).toMatchObject({
        code: "kubernetes_proxy_path",
      });
    }
    const headers = { Authorization: "Bearer x" };
    expect(await caught(admin.proxyGet("shop", "web", { port: 80 }, "/", { headers }))).toMatchObject({
      code: "kubernetes_proxy_header",
    });
  });

  it("has no logs of a pod that is not there", async () => {
    expect(await admin.logs("shop", "none", { container: "web" })).toBeUndefined();
  });

  it("asks for the lease before it changes anything, and not before it looks or tries", async () => {
    const guard = (): never => {
      throw new LeaseLost();
    };
    const late = await openCluster({ kind: "kubernetes", kubeconfig: server.kubeconfig }, contextOf({ guard }));
    const patch = { kind: "merge", body: { data: { B: "bGF0ZQ==" } } } as const;

    await late.get(db, Named);
    await late.patch(db, patch, Named, { dryRun: true });
    expect(await caught(late.patch(db, patch, Named))).toBeInstanceOf(LeaseLost);
    expect(await caught(late.delete(db))).toBeInstanceOf(LeaseLost);
    expect(await caught(late.create(maps, { metadata: { name: "late" } }, Named))).toBeInstanceOf(LeaseLost);
    expect((await admin.get(db, Secret)).data["B"]).not.toBe("bGF0ZQ==");
    await late.close();
  });

  it("repeats nothing that it was told: no value stands in an error", async () => {
    const bad = { kind: "merge", body: { data: { A: `${canary}!` }, type: canary } } as const;
    const heard = [
      await caught(admin.patch(db, bad, Named)),
      await caught(admin.patch(db, { kind: "merge", body: { data: { [`${canary} /`]: "YQ==" } } }, Named)),
      await caught(admin.get(db, z.object({ data: z.record(z.string(), z.literal("x")) }))),
    ];

    expect(heard.every((error) => error instanceof GiveUp)).toBe(true);
    expect(inspect(heard, { depth: 20, showHidden: true })).not.toContain(canary);
    expect(inspect(heard, { depth: 20 })).not.toContain(Buffer.from(canary).toString("base64").slice(0, 12));
  });

  it("takes a refused login and an untrusted certificate for final", async () => {
    const ca = readFileSync(server.caFile).toString("base64");
    const open = (trusted: string | undefined) =>
      openCluster({ kind: "kubernetes", kubeconfig: kubeconfigWith(server.url, trusted) }, contextOf({}));
    const [stranger, wary] = [await open(ca), await open(undefined)];

    expect(await caught(stranger.get(db, Named))).toMatchObject({ code: "kubernetes_unauthorized" });
    expect(await caught(wary.get(db, Named))).toMatchObject({ code: "kubernetes_certificate" });
    await Promise.all([stranger.close(), wary.close()]);
  });

  it("tells how far the clocks are apart", async () => {
    expect(await admin.clockSkewMs(() => Date.now())).toBe(0);
    expect(await admin.clockSkewMs(() => Date.now() - 60_000)).toBeGreaterThan(57_000);
    expect(await admin.clockSkewMs(() => Date.now() + 60_000)).toBeLessThan(-57_000);
  });

  it("does nothing once it is aborted", async () => {
    const signal = AbortSignal.abort(new Error("stopped"));
    const stopped = await openCluster({ kind: "kubernetes", kubeconfig: server.kubeconfig }, contextOf({ signal }));
    await expect(stopped.delete(db)).rejects.toThrow("stopped");
    await expect(stopped.exec("shop", "web", "web", ["true"])).rejects.toThrow("stopped");
    expect(await admin.find(db, Named)).toBeDefined();
  });
});

it("takes an overloaded or absent server for passing", async () => {
  const busy = createServer((_, answer) => answer.writeHead(429, { "retry-after": "7" }).end("later"));
  await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
  const address = z.object({ port: z.number() }).parse(busy.address());
  const kubeconfig = plainKubeconfig(`http://127.0.0.1:${address.port}`);
  const cluster = await openCluster({ kind: "kubernetes", kubeconfig }, contextOf({}));

  expect(await caught(cluster.get(db, Named))).toMatchObject({ code: "kubernetes_busy", afterMs: 7_000 });
  busy.close();
  busy.closeAllConnections();
  const gone = await caught(cluster.get(db, Named));
  expect(gone).toBeInstanceOf(TryLater);
  expect(gone).toMatchObject({ code: "kubernetes_unreachable" });
  await cluster.close();
});

async function caught(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
