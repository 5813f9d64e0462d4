import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpCheck } from "../../../src/checks/http/check.ts";
import type { Check, Json } from "../../../src/core/ports.ts";
import { checkContract } from "../../contract/check.ts";
import { eventually } from "../../contract/eventually.ts";
import { contextOf } from "../../contract/store-world.ts";
import { needs } from "../../servers/need.ts";
import { scopeOf } from "../scope.ts";
import { openShop, podSpec, type Shop } from "./shop.ts";

const canary = "canary-p0d-Zq8Kx2";
const healthy = { "/health": { body: { components: { redis: "healthy" }, debug: canary } } };
const sick = { status: 503, body: { components: { redis: `down: password=${canary}` }, debug: canary } };
const expect200 = { json: { "$.components.redis": "healthy", "$.debug": { type: "string" } } };

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
)("the http check of pods", () => {
  let shop: Shop;
  let pods: readonly string[];
  let [one, two, three] = ["", "", ""];
  let proxyable = false;
  beforeAll(async () => {
    shop = await openShop();
    proxyable = shop.cluster.podNetwork?.proxyable === true;
    pods = await shop.run("web", 3);
    [one = "", two = "", three = ""] = pods;
    await shop.cluster.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "stray", namespace: "shop", labels: { app: "web" } },
      spec: podSpec(shop.folder, shop.port),
    });
  });
  afterAll(() => shop.stop());
  const rooted = process.getuid?.() === 0;

  describe.runIf(rooted)("of a cluster whose pods can be reached", () => {
    checkContract({
      name: "http of pods",
      makeWorld: () => {
        shop.answer({ answers: healthy });
        return Promise.resolve({
          bound: bound({}),
          scope: () => Promise.resolve(scopeOf()),
          breakIt: () => Promise.resolve(shop.answer({ answers: { ...healthy, [`${two}/health`]: sick } })),
          hideIt: () => Promise.resolve(shop.answer({ answers: { "/health": "hang up" } })),
          forgives: true,
          secrets: [canary],
          close: () => Promise.resolve(),
        });
      },
    });

    it("asks every ready pod of the workload once, and no other, with what belongs to it and nothing of ours", async () => {
      await eventually(async () => (await shop.podsOf("web")).ready).toContain("stray");
      shop.answer({ answers: { "/api?limit=1": { status: 201, body: { total: 3 } } } });
      shop.asked();
      const verdict = await run(
        bound({
          path: "/api?limit=1",
          method: "POST",
          headers: { "x-api-key": "env:SMOKE_KEY" },
          body: { user: "{{username}}" },
          expect: { status: 201, json: { "$.total": { type: "number" } } },
        }),
      );

      const asked = shop.asked();
      expect(verdict).toMatchObject({ ok: true, summary: "/api 201 total=3 (3 of 3 pods)" });
      expect(asked.map(({ pod }) => pod).toSorted()).toEqual(pods);
      for (const { method, headers, body } of asked) {
        expect([method, body]).toEqual(["POST", '{"user":"resolved({{username}})"}']);
        expect(headers["x-api-key"]).toBe("resolved(env:SMOKE_KEY)");
        expect(headers["authorization"]).toBeUndefined();
      }
    });

    it("is red when one of the pods is, and names it alone", async () => {
      shop.answer({ answers: { ...healthy, [`${two}/health`]: sick } });

      const verdict = await run(bound({}));

      expect(verdict).toMatchObject({ ok: false, evidence: { failed: ["status", "$.components.redis"] } });
      expect(verdict.summary).toMatch(
        new RegExp(`^${two}: /health 503 .*\\(1 of 3 pods red\\) \\(not as expected: status`),
      );
      expect(verdict.summary).not.toContain(one);
    });

    it("takes as many red pods as before for a warning, whatever they are called now, and more of them for red", async () => {
      const redIn = (...names: readonly string[]): void =>
        shop.answer({ answers: { ...healthy, ...Object.fromEntries(names.map((name) => [`${name}/health`, sick])) } });
      redIn(one);
      const check = await opened(bound({}));
      const before = await check.baseline(scopeOf());
      redIn(three);
      const same = await check.run(before, scopeOf());
      redIn(one, three);
      const more = await check.run(before, scopeOf());
      await check.close();

      expect([same.ok, same.warning]).toEqual([false, true]);
      expect([more.ok, more.warning]).toEqual([false, undefined]);
    });

    it("cannot look when one pod does not answer, unless another one is red already", async () => {
      shop.answer({ answers: { ...healthy, [`${one}/health`]: "hang up" } });
      await expect(run(bound({}))).rejects.toMatchObject({ code: "kubernetes_busy" });
      await expect(baseline(bound({}))).rejects.toMatchObject({ code: "kubernetes_busy" });

      shop.answer({ answers: { ...healthy, [`${one}/health`]: "hang up", [`${two}/health`]: sick } });
      expect(await run(bound({}))).toMatchObject({ ok: false, summary: expect.stringContaining("1 of 3 pods red") });
    });

    it("follows a redirect within the pod, and none to another host", async () => {
      shop.answer({
        answers: {
          "/old": { status: 307, headers: { location: "/new?a=1" } },
          "/new?a=1": { body: { here: true } },
          "/away": { status: 307, headers: { location: "http://192.0.2.1/steal" } },
        },
      });
      const here = await run(bound({ path: "/old", expect: { json: { "$.here": true } } }));
      const away = await run(bound({ path: "/away", expect: {} }), { failed: [] });

      expect(here.ok).toBe(true);
      expect(away).toMatchObject({ ok: false, evidence: { failed: ["redirect"] } });
    });

    it("logs in at each pod by itself and sends the cookies of that pod to it", async () => {
      const cookies = pods.map((pod): [string, object] => [
        `${pod}/login`,
        { headers: { "set-cookie": [`sid=${pod}; Expires=Wed, 21 Oct 2065 07:28:00 GMT`, "theme=dark; HttpOnly"] } },
      ]);
      shop.answer({ answers: { "/me": {}, ...Object.fromEntries(cookies) } });
      shop.asked();
      const login = { path: "/login", body: { password: "env:PASS" }, cookie: true };
      const verdict = await run(bound({ path: "/me", login, expect: {} }));

      const asked = shop.asked();
      expect(verdict.ok).toBe(true);
      expect(asked.filter(({ url }) => url === "/login")).toHaveLength(3);
      for (const { pod, headers } of asked.filter(({ url }) => url === "/me"))
        expect(headers["cookie"]).toBe(`sid=${pod}; theme=dark`);
    });

    it("leaves out pods that are ending or not ready, says so, and cannot look where none is left", async () => {
      const [first = "", second = ""] = await shop.run("turn", 2);
      shop.put("linger", "");
      shop.answer({
        answers: { ...healthy, [`${first}/health`]: sick, [`${second}/health`]: sick },
        unready: [second],
      });
      await shop.cluster.api("DELETE", `/api/v1/namespaces/shop/pods/${first}`);
      await eventually(() => shop.podsOf("turn")).toEqual({
        ready: [expect.not.stringContaining(second)],
        ending: [first],
      });
      shop.asked();

      const verdict = await run(bound({ pods: "prod/shop/deployment/turn" }));
      expect(verdict).toMatchObject({ ok: true, summary: expect.stringContaining("(1 of 1 pods, 1 not ready)") });
      expect(shop.asked()).toHaveLength(1);

      const { ready } = await shop.podsOf("turn");
      shop.answer({ answers: healthy, unready: [second, ...ready] });
      await eventually(async () => (await shop.podsOf("turn")).ready).toEqual([]);
      await expect(run(bound({ pods: "prod/shop/deployment/turn" }))).rejects.toMatchObject({ code: "pods_none" });
      await expect(baseline(bound({ pods: "prod/shop/deployment/turn" }))).rejects.toMatchObject({ code: "pods_none" });
    });
  });

  it("cannot look at a workload that is not there, or without the right, which it names", async () => {
    await expect(run(bound({ pods: "prod/shop/deployment/none" }))).rejects.toMatchObject({
      code: "kubernetes_not_found",
    });
    await expect(run(bound({ connection: shop.onlooker }))).rejects.toMatchObject({
      code: "kubernetes_forbidden",
      hint: expect.stringContaining('resources: ["pods/proxy"]'),
    });
  });

  function bound(entry: object) {
    return httpCheck().bind({
      kind: "http",
      pods: "prod/shop/deployment/web",
      port: shop.port,
      path: "/health",
      expect: expect200,
      connection: shop.connection,
      ...entry,
    });
  }

  it("has a cluster whose pods the API server reaches", ({ skip }) => {
    if (!rooted) skip("needs root: the API server does not forward to loopback addresses");
    expect(proxyable).toBe(true);
  });
});

describe("the entry of an http check of pods", () => {
  const entry = { kind: "http", pods: "prod/shop/deployment/web", port: 8080 };

  it.each([
    ["no port", { port: undefined }],
    ["a url as well", { url: "http://h/" }],
    ["a path that names a host", { path: "//evil.example/x" }],
    ["a login at a url, which is another host", { login: { url: "http://h/", cookie: true } }],
    ["a token, which would not arrive", { login: { path: "/login", token: "$.t" } }],
    ["a login that the API server would take for its own", { headers: { Authorization: "env:T" } }],
    ["the same in the login", { login: { path: "/login", headers: { "Impersonate-User": "admin" }, cookie: true } }],
    ["a place that is no workload", { pods: "prod/shop/web" }],
  ])("is refused with %s", (_, change) => {
    expect(() => httpCheck().bind({ ...entry, ...change })).toThrow();
  });

  it("is refused with a port or a path beside a url", () => {
    expect(() => httpCheck().bind({ kind: "http", url: "http://h/", path: "/x" })).toThrow();
    expect(() => httpCheck().bind({ kind: "http" })).toThrow();
  });

  it("tells the plan whom it asks", () => {
    expect(httpCheck().bind({ ...entry, path: "/health?deep=1" }).shape.label).toBe(
      "http GET /health at every ready pod of prod/shop/deployment/web",
    );
  });
});

async function opened(check: ReturnType<ReturnType<typeof httpCheck>["bind"]>): Promise<Check> {
  return await check.open(contextOf({}));
}

async function run(check: Parameters<typeof opened>[0], before: Json = null) {
  const one = await opened(check);
  return await one.run(before, scopeOf()).finally(one.close);
}

async function baseline(check: Parameters<typeof opened>[0]) {
  const one = await opened(check);
  return await one.baseline(scopeOf()).finally(one.close);
}
