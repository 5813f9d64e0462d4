import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Secret } from "../../../src/core/secret.ts";
import { httpApiStore } from "../../../src/stores/http-api/store.ts";
import { json, servePage } from "../../checks/page.ts";

const base = { store: "http-api", name: "NTSA", url: "http://truload", admin: {}, write: { path: "/ntsa" } };

/** What the store sends for a patch, to an application that shows `shown` and keeps to itself what it was sent. */
async function sent(entry: object, patch: Readonly<Record<string, Secret | undefined>>, shown: object = {}) {
  const page = await servePage(({ method }, response) => json(response, 200, method === "GET" ? shown : { echo: 1 }));
  try {
    const store = await httpApiStore.bind({ ...base, ...entry, url: page.url }).open({
      session: { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined },
      signal: new AbortController().signal,
      resolve: () => Promise.reject(new Error("nothing to resolve")),
    });
    const { version, values } = await store.read(Object.keys(patch));
    const findings = await store.preflight(Object.keys(patch));
    const error = await store.publish(patch, version).catch((thrown: unknown) => thrown);
    const writes = page.requests.filter(({ method }) => method !== "GET");
    const bodies = writes.map(({ body }): unknown => JSON.parse(body));
    return { values, codes: findings.map(({ code }) => code), bodies, error, asked: page.requests.length };
  } finally {
    await page.stop();
  }
}
const pair = { apiKey: new Secret("k{{1}}"), clientSecret: new Secret('s"2') };
const plain = { apiKey: "k{{1}}", clientSecret: 's"2' };

describe("a store that shows nothing", () => {
  it("says so in its shape", () => {
    expect(httpApiStore.bind(base).shape).toMatchObject({
      readable: false,
      cas: "none",
      live: true,
      label: "http-api NTSA",
    });
    const etag = { path: "/ntsa", etag: true };
    expect(httpApiStore.bind({ ...base, read: etag }).shape).toMatchObject({ readable: false, cas: "native" });
    const values = { path: "/ntsa", values: { apiKey: "$.apiKey" } };
    expect(httpApiStore.bind({ ...base, read: values }).shape).toMatchObject({ readable: true, cas: "compare" });
  });

  it("is written without being asked, every key of it", async () => {
    const { values, codes, bodies } = await sent({}, pair);
    expect(values).toEqual({ apiKey: undefined, clientSecret: undefined });
    expect(codes).toEqual(["unfenced", "store_not_looked_at"]);
    expect(bodies).toEqual([plain]);
  });

  it("sends back what is shown beside it, and no mask", async () => {
    const shown = { id: 4, displayName: "NTSA", apiKey: "****", clientSecret: "****", webhookSecret: "****" };
    const write = { path: "/ntsa", merge: true, send: ["displayName"] };
    const { bodies } = await sent({ read: { path: "/ntsa" }, write }, pair, shown);
    expect(bodies).toEqual([{ displayName: "NTSA", ...plain }]);
  });

  it("leaves out of the body what is not written now, and removes by null", async () => {
    const body = { credentials: { apiKey: "{{apiKey}}", clientSecret: "{{clientSecret}}" }, note: "by Keyturn" };
    const write = { method: "PATCH", path: "/ntsa", body };
    expect((await sent({ write }, { apiKey: pair.apiKey })).bodies).toEqual([
      { credentials: { apiKey: plain.apiKey }, note: "by Keyturn" },
    ]);
    expect((await sent({ write }, { apiKey: pair.apiKey, clientSecret: undefined })).bodies).toEqual([
      { credentials: { apiKey: plain.apiKey, clientSecret: null }, note: "by Keyturn" },
    ]);
  });

  it("finds a key that the body does not carry, and an ETag that does not come", async () => {
    const write = { path: "/ntsa", body: { apiKey: "{{apiKey}}" } };
    expect((await sent({ write }, pair)).codes).toContain("keys_differ");
    const store = httpApiStore.bind({ ...base, read: { path: "/ntsa", etag: true } });
    expect(store.shape.cas).toBe("native");
    const page = await servePage((_, response) => json(response, 200, {}));
    const open = await httpApiStore.bind({ ...base, url: page.url, read: { path: "/ntsa", etag: true } }).open({
      session: { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined },
      signal: new AbortController().signal,
      resolve: () => Promise.reject(new Error("nothing to resolve")),
    });
    await expect(open.read([])).rejects.toMatchObject({ code: "no_etag" });
    await page.stop();
  });

  it.each([
    ["merges without anything to merge into", { write: { path: "/a", merge: true } }, ["write", "merge"]],
    ["has a mark in a path", { write: { path: "/a/{{apiKey}}" } }, ["write", "path"]],
    ["names members that are not sent", { write: { path: "/a", send: ["b"] } }, ["write", "send"]],
  ])("is refused in a catalog when it %s", (_what, change, path) => {
    const { error } = z.safeParse(httpApiStore.config, { ...base, ...change });
    expect(error?.issues.map((issue) => issue.path)).toContainEqual(path);
  });
});
