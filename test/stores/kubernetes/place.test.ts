import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GiveUp, LostRace } from "../../../src/core/errors.ts";
import type { Finding } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { contextOf, openStore } from "../../contract/store-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { holdingProxy } from "./holding-proxy.ts";
import { makeNamespace, namespace, type ObjectWorld, objectWorld } from "./object-world.ts";

const data = { PRESENT: "old", NEIGHBOUR: "his" };
const rbac = "rbac.authorization.k8s.io";

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("a Secret in place", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
    await makeNamespace(cluster);
  });
  afterAll(() => cluster.stop());

  it("changes several keys by one patch of the data, one removed, and moves the version by one claim and one write", async () => {
    const world = await objectWorld(cluster, { data: { ...data, GONE: "g" } });
    const store = await openStore(world.bound);
    const { version } = await store.read(["PRESENT"]);
    const before = (await world.object()).metadata.managedFields.length;

    const patch = { PRESENT: new Secret("1"), ABSENT: new Secret("2"), GONE: undefined };
    await store.publish(patch, version);

    const { metadata } = await world.object();
    expect(metadata.annotations).toEqual({});
    expect(metadata.managedFields.map(({ manager }) => manager)).toContain("keyturn");
    expect(metadata.managedFields.length).toBe(before + 1);
    expect([await world.text("PRESENT"), await world.text("ABSENT"), await world.text("GONE")]).toEqual([
      "1",
      "2",
      undefined,
    ]);
    await world.close();
  });

  it("keeps a neighbour's edit that came during the rotation, forward and on the way back", async () => {
    const world = await objectWorld(cluster, { data });
    const store = await openStore(world.bound);
    const first = await store.read(["PRESENT"]);
    await world.editNeighbour("edited before");
    await expect(store.publish({ PRESENT: new Secret("new") }, first.version)).rejects.toThrow(LostRace);
    await store.publish({ PRESENT: new Secret("new") }, (await store.read(["PRESENT"])).version);
    expect(await world.text("NEIGHBOUR")).toBe("edited before");

    await world.editNeighbour("edited after");
    await store.publish({ PRESENT: new Secret("old") }, (await store.read(["PRESENT"])).version);

    expect([await world.text("PRESENT"), await world.text("NEIGHBOUR")]).toEqual(["old", "edited after"]);
    await world.close();
  });

  it("takes the writes of two rotations to different keys of one Secret at the same moment, when each reads again", async () => {
    const world = await objectWorld(cluster, { data: { A: "old", B: "old", NEIGHBOUR: "his" } });
    const rotate = async (rotationId: string, key: string): Promise<void> => {
      const session = { rotationId, epoch: 1, name: `keyturn:${rotationId}:1`, guard: () => undefined };
      const store = await world.bound.open({ ...contextOf({}), session });
      for (let value = 0; value < 5; ) {
        const { version } = await store.read([key]);
        const error = await caught(store.publish({ [key]: new Secret(`${key}-${value}`) }, version));
        if (error === undefined) value += 1;
        else expect(error).toBeInstanceOf(LostRace);
      }
      await store.close();
    };

    await Promise.all([rotate("r-1", "A"), rotate("r-2", "B")]);

    expect([await world.text("A"), await world.text("B"), await world.text("NEIGHBOUR")]).toEqual([
      "A-4",
      "B-4",
      "his",
    ]);
    expect((await world.object()).metadata.annotations).toEqual({});
    await world.close();
  });

  it("writes and reads 10 KB, odd bytes and what stringData left, and leaves binary neighbours as they are", async () => {
    const world = await objectWorld(cluster, { data: {}, extra: { stringData: { PRESENT: "\ufeffold\0\r\n" } } });
    await world.patch({ data: { BINARY: "/wD+" } });
    const store = await openStore(world.bound);
    const { version, values } = await store.read(["PRESENT"]);
    expect(values["PRESENT"]?.reveal()).toBe("\ufeffold\0\r\n");
    const large = "\u{1f511}z\0\n".repeat(1_500);

    await store.publish({ PRESENT: new Secret(large) }, version);

    expect((await store.read(["PRESENT"])).values["PRESENT"]?.equals(new Secret(large))).toBe(true);
    expect((await world.object()).data["BINARY"]).toBe("/wD+");
    expect(await caught(store.read(["BINARY"]))).toMatchObject({ code: "store_key_binary" });
    expect(await codesOf(world, ["BINARY"])).toEqual(["error store_key_binary"]);
    await world.close();
  });

  it("changes two fields of one document and a plain key in one patch", async () => {
    const yaml = "db:\n  password: old   # since May\nredis: { password: 'x' }\n";
    const world = await objectWorld(cluster, { data: { ...data, "c.yaml": yaml } });
    const store = await openStore(world.bound);
    const keys = ["PRESENT", "c.yaml#/db/password", "c.yaml#/redis/password"];
    const { version, values } = await store.read(keys);
    expect(Object.values(values).map((value) => value?.reveal())).toEqual(["old", "old", "x"]);
    expect(await codesOf(world, keys)).toEqual([]);

    await store.publish(Object.fromEntries(keys.map((key, index) => [key, new Secret(`new-${index}`)])), version);

    expect(await world.text("c.yaml")).toBe("db:\n  password: new-1   # since May\nredis: { password: 'new-2' }\n");
    expect(await world.text("PRESENT")).toBe("new-0");
    await world.close();
  });

  it.each([
    ["c.yaml#/port", "store_field", "does not hold text"],
    ["c.yaml#/none/x", "store_field", "has no mapping at /none"],
    ["none.yaml#/a", "store_key_missing", "none.yaml is not there"],
    ["c.yaml#", "store_key", "does not say which field"],
    ["c.yaml#/a~2", "store_key", "does not say which field"],
    ["a key", "store_key", "is no key"],
  ])("says beforehand that %s cannot be written", async (key, code, words) => {
    const world = await objectWorld(cluster, { data: { ...data, "c.yaml": "port: 5432\n" } });

    const findings = await (await openStore(world.bound)).preflight([key]);

    expect(findings).toMatchObject([{ severity: "error", code, sentence: expect.stringContaining(words) }]);
    const store = await openStore(world.bound);
    const { version } = await store.read([]);
    expect(await caught(store.publish({ [key]: new Secret("v") }, version))).toMatchObject({ code });
    await world.close();
  });

  it("refuses a field within a key that is written too", async () => {
    const world = await objectWorld(cluster, { data: { ...data, "c.yaml": "a: x\n" } });
    expect(await codesOf(world, ["c.yaml", "c.yaml#/a"])).toEqual(["error store_key"]);
    await world.close();
  });

  it("does not try to change an immutable one, and names the store that can", async () => {
    const world = await objectWorld(cluster, { data, extra: { immutable: true } });
    const store = await openStore(world.bound);

    expect(await store.preflight(["PRESENT"])).toMatchObject([
      { severity: "error", code: "store_immutable", hint: expect.stringContaining("kubernetes-secret-version") },
    ]);
    const { version } = await store.read(["PRESENT"]);
    const error = await caught(store.publish({ PRESENT: new Secret("canary-imm") }, version));
    expect(error).toBeInstanceOf(GiveUp);
    expect(error).toMatchObject({ code: "kubernetes_invalid", message: expect.stringContaining("422") });
    expect(String(error)).not.toContain("canary-imm");
    expect(await world.text("PRESENT")).toBe("old");
    expect((await world.object()).metadata.annotations).toEqual({});
    await world.close();
  });

  it("warns of the manifest that kubectl apply left, without showing it", async () => {
    const annotation = "kubectl.kubernetes.io/last-applied-configuration";
    const manifest = JSON.stringify({ kind: "Secret", stringData: { PRESENT: "canary-applied" } });
    const world = await objectWorld(cluster, { data, metadata: { annotations: { [annotation]: manifest } } });
    const findings = await (await openStore(world.bound)).preflight(["PRESENT", "ABSENT"]);

    expect(findings).toMatchObject([
      {
        severity: "warning",
        code: "last_applied",
        command: `kubectl annotate secret ${world.name} -n ${namespace} ${annotation}-`,
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain("canary");
    expect(await codesOf(world, ["NEIGHBOUR"])).toEqual([]);
    await world.close();
  });

  it("says of a ConfigMap that a secret does not belong there", async () => {
    const world = await objectWorld(cluster, { kind: "ConfigMap", data });
    expect(await (await openStore(world.bound)).preflight(["PRESENT"])).toMatchObject([
      { severity: "warning", code: "secret_in_configmap", hint: expect.stringContaining("kubernetes-secret") },
    ]);
    await world.close();
  });

  it("names the exact rule that is missing, and runs with that rule alone", async () => {
    const world = await objectWorld(cluster, { data });
    const account = `a-${world.name}`;
    await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account, namespace } });
    const bound = world.boundWith(await cluster.kubeconfigFor(namespace, account));
    const rule = `- { apiGroups: [""], resources: ["secrets"], resourceNames: ["${world.name}"], verbs: ["get", "patch"] }`;
    const findings = await (await openStore(bound)).preflight(["PRESENT"]);
    expect(findings).toMatchObject([{ severity: "error", code: "kubernetes_forbidden", command: rule }]);

    const allow = async (verbs: readonly string[]): Promise<void> => {
      const rules = [{ apiGroups: [""], resources: ["secrets"], resourceNames: [world.name], verbs }];
      await cluster.apply(
        { apiVersion: `${rbac}/v1`, kind: "Role", metadata: { name: account, namespace }, rules },
        {
          apiVersion: `${rbac}/v1`,
          kind: "RoleBinding",
          metadata: { name: account, namespace },
          roleRef: { apiGroup: rbac, kind: "Role", name: account },
          subjects: [{ kind: "ServiceAccount", name: account, namespace }],
        },
      );
    };
    const heard = async (): Promise<readonly string[]> =>
      (await (await openStore(bound)).preflight(["PRESENT"])).map(({ code, sentence }) => `${code} ${sentence}`);
    await allow(["get"]);
    await expect
      .poll(heard, { timeout: 20_000 })
      .toEqual([`kubernetes_forbidden Keyturn may not patch secrets/${world.name} in ${namespace} (403 Forbidden)`]);
    await allow(["get", "patch"]);
    await expect.poll(heard, { timeout: 20_000 }).toEqual([]);
    const store = await openStore(bound);
    await store.fence();
    const { version } = await store.read(["PRESENT"]);
    await store.publish({ PRESENT: new Secret("new") }, version);
    expect(await world.text("PRESENT")).toBe("new");
    await world.close();
  });

  describe("an older holder that was stopped between its two patches", () => {
    it("writes nothing after a newer one fenced it, though that one had nothing to write", () =>
      whileHeld(async (world, late) => {
        const newer = await openStore(world.bound, { epoch: 3 });
        await newer.fence();
        const { version } = await newer.read(["PRESENT"]);
        expect((await newer.publish({ PRESENT: new Secret("old") }, version)).version).toBe(version);

        expect(await late()).toBeInstanceOf(LostRace);
        expect(await world.text("PRESENT")).toBe("old");
        expect((await world.object()).metadata.annotations).toEqual({});
      }));

    it("would have written without the fence", () =>
      whileHeld(async (world, late) => {
        expect((await world.object()).metadata.annotations).toEqual({ "keyturn.dev/writing": "r-7f3a:2" });
        expect(await late()).toBeUndefined();
        expect(await world.text("PRESENT")).toBe("late");
        expect((await world.object()).metadata.annotations).toEqual({});
      }));

    it("is not fenced by a still older holder, nor by another rotation", () =>
      whileHeld(async (world, late) => {
        await (await openStore(world.bound, { epoch: 1 })).fence();
        const session = { rotationId: "r-7f3", epoch: 9, name: "keyturn:r-7f3:9", guard: () => undefined };
        await (await world.bound.open({ ...contextOf({}), session })).fence();
        expect(await late()).toBeUndefined();
      }));

    /** `late` lets a holder with epoch 2 go on, whose claim has landed and whose data is on its way. */
    async function whileHeld(act: (world: ObjectWorld, late: () => Promise<unknown>) => Promise<void>): Promise<void> {
      const world = await objectWorld(cluster, { data });
      await using proxy = await holdingProxy(cluster);
      const { version } = await (await openStore(world.bound)).read([]);
      const store = await openStore(world.boundWith(proxy.kubeconfig), { epoch: 2 });
      const writing = caught(store.publish({ PRESENT: new Secret("late") }, version));
      await proxy.held;
      await act(world, async () => {
        proxy.letGo();
        return await writing;
      });
      await store.close();
      await world.close();
    }
  });
});

async function codesOf(world: ObjectWorld, keys: readonly string[]): Promise<readonly string[]> {
  const findings: readonly Finding[] = await (await openStore(world.bound)).preflight(keys);
  return findings.map(({ severity, code }) => `${severity} ${code}`);
}

async function caught(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
