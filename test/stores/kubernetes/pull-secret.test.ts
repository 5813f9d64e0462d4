import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { nextValues, readAll } from "../../../src/core/values.ts";
import { openStore } from "../../contract/store-world.ts";
import { credentialFor, folder, planNamed, read, shown } from "../../examples/plans.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { versionWorld } from "../kubernetes-secret-version/version-world.ts";
import { makeNamespace, objectWorld } from "./object-world.ts";

const type = "kubernetes.io/dockerconfigjson";
const basic = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString("base64");
const entry = (user: string, password: string): object => ({ username: user, password, auth: basic(user, password) });
/** As `kubectl create secret docker-registry` writes it, and another registry that somebody added by hand. */
const documentOf = (user: string, password: string): string =>
  JSON.stringify({
    auths: { "registry.example.com": entry(user, password), "https://index.test/v1/": entry("his", "own") },
  });
const pointer = ".dockerconfigjson#/auths/registry.example.com";

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("the login of a registry in a pull secret", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
    await makeNamespace(cluster);
  });
  afterAll(() => cluster.stop());

  const pullSecret = (text = documentOf("robot", "old")) =>
    objectWorld(cluster, { data: { ".dockerconfigjson": text }, extra: { type } });

  it("goes into all three fields as in the example, what stands beside it stays, and the way back gives the old bytes", async () => {
    const file = "pull-secret.yaml";
    const plan = planNamed(read(file, readFileSync(join(folder, file), "utf8")), "registry-pull");
    const keys = Object.keys(plan.publishes[0]?.values ?? {});
    const world = await pullSecret();
    const store = await openStore(world.bound);
    expect(await store.preflight(keys)).toEqual([]);
    const before = await store.read(keys);
    expect(shown(readAll(plan, [before.values]))).toEqual({ password: "old" });

    const { version } = await store.publish(nextValues(plan, 0, before.values, credentialFor(plan)), before.version);

    expect(await world.text(".dockerconfigjson")).toBe(documentOf("user_b", "B".repeat(32)));
    expect(readAll(plan, [(await store.read(keys)).values])).toMatchObject({ public: { username: "user_b" } });
    await store.publish(before.values, version);
    expect(await world.text(".dockerconfigjson")).toBe(documentOf("robot", "old"));
    await world.close();
  });

  it("can be written as a whole document, which the server takes as JSON only", async () => {
    const text = '{"auths":{"registry.example.com":{"username":"robot","password":"old"}}}';
    const world = await pullSecret(text);
    const store = await openStore(world.bound);
    expect(await store.preflight([".dockerconfigjson"])).toEqual([]);
    const next = text.replace("old", "new");
    const { version } = await store.read([]);

    await store.publish({ ".dockerconfigjson": new Secret(next) }, version);

    expect(await world.text(".dockerconfigjson")).toBe(next);
    const bare = world.patch({ data: { ".dockerconfigjson": Buffer.from("keyturn-dry-run").toString("base64") } });
    await expect(bare).rejects.toThrow("422");
    await world.close();
  });

  it("can be a version, and a legacy file", async () => {
    const versions = await versionWorld(cluster);
    await cluster.api("DELETE", `/api/v1/namespaces/${versions.namespace}/secrets/db`);
    const data = { ".dockerconfigjson": Buffer.from(documentOf("robot", "old")).toString("base64") };
    await versions.make("db", { type, data });
    const store = await openStore(versions.bound);
    expect(await store.preflight([".dockerconfigjson"])).toMatchObject([
      { severity: "warning", code: "pull_secret_auth" },
      { severity: "warning", code: "pull_secret_auth" },
    ]);
    const { version } = await store.read([]);
    const next = new Secret(documentOf("robot", "new"));
    const { place = "" } = await store.publish({ ".dockerconfigjson": next }, version);
    expect(await versions.secret(place)).toMatchObject({ type, immutable: true });
    expect(await versions.text(place, ".dockerconfigjson")).toBe(documentOf("robot", "new"));
    await versions.close();

    const legacy = JSON.stringify({ "registry.test": entry("robot", "old") });
    const world = await objectWorld(cluster, {
      data: { ".dockercfg": legacy },
      extra: { type: "kubernetes.io/dockercfg" },
    });
    const codes = async (keys: readonly string[]) =>
      (await (await openStore(world.bound)).preflight(keys)).map(({ severity, code }) => `${severity} ${code}`);
    expect(await codes([".dockercfg"])).toEqual(["warning pull_secret_auth"]);
    expect(await codes([".dockercfg#/registry.test/password"])).toEqual(["error pull_secret_auth"]);
    expect(await codes([".dockercfg#/registry.test/password", ".dockercfg#/registry.test/auth"])).toEqual([]);
    await world.close();
  });

  it("is refused where `auth`, which nodes use, would keep the old one", async () => {
    const world = await pullSecret();
    const store = await openStore(world.bound);
    expect(await store.preflight([`${pointer}/password`])).toMatchObject([
      {
        severity: "error",
        code: "pull_secret_auth",
        sentence: expect.stringContaining("registry.example.com"),
        hint: expect.stringContaining(`"${pointer}/auth": { template: "{{username}}:{{password}}", format: basic }`),
      },
    ]);
    const other = ".dockerconfigjson#/auths/https:~1~1index.test~1v1~1";
    expect(await store.preflight([`${other}/password`])).toMatchObject([
      { hint: expect.stringContaining(`"${other}/auth"`) },
    ]);
    expect(await store.preflight([`${other}/password`, `${other}/auth`])).toEqual([]);
    await world.close();
  });
});
