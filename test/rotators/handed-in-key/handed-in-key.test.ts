import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Secret } from "../../../src/core/secret.ts";
import { handedInKey } from "../../../src/rotators/handed-in-key/rotator.ts";
import { type Portal, startPortal } from "./portal.ts";

const good = {
  kind: "handed-in-key",
  name: "pesaflow",
  portal: "https://pesaflow.example, API clients",
  overlap: "dual",
  fields: { consumer_key: "public", consumer_secret: "secret" },
  test: [{ url: "http://pesaflow:80/token", body: { key: "{{consumer_key}}", secret: "{{consumer_secret}}" } }],
};
const session = { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined };
const resolve = (): Promise<never> => Promise.reject(new Error("nothing to resolve"));
const pairOf = (key: string, secret: string) => ({
  public: { consumer_key: key },
  secret: { consumer_secret: new Secret(secret) },
});

describe("the entry of a handed-in-key target", () => {
  it("is handed in, tried at the issuer, and revoked by a person", () => {
    const { shape } = handedInKey.bind(good);
    expect(shape).toMatchObject({
      origin: "handed-in",
      overlap: "dual",
      triedAt: "issuer",
      abilities: { revokeBy: "person", disable: false, usage: "none" },
      principals: ["handed-in-key pesaflow"],
      fields: good.fields,
    });
    expect(shape.words.retire).toBe(`revoked by a person in ${good.portal}`);
    expect(handedInKey.bind({ ...good, overlap: "single" }).shape.words.cut).toContain("refused from the moment");
  });

  it.each([
    ["no secret", { fields: { consumer_key: "public" } }, ["fields"]],
    ["a field name that no template carries", { fields: { "a b": "secret" } }, ["fields", "a b"]],
    ["a test that presents nothing of it", { test: [{ url: "http://a", body: "x" }] }, ["test", 0]],
    ["a test of half the pair", { fields: { ...good.fields, more: "secret" } }, ["test", 0]],
    ["basic of a field that is not there", { basic: ["consumer_key", "other"] }, ["basic"]],
    ["the value in the URL", { test: [{ url: "http://a/{{consumer_secret}}" }] }, ["test", 0, "url"]],
  ])("is refused with %s, and the error names the place", (_what, change, path) => {
    const { error } = z.safeParse(handedInKey.config, { ...good, ...change });
    expect(error?.issues.map((issue) => issue.path)).toContainEqual(path);
  });
});

describe("a pair at the portal", () => {
  let portal: Portal;
  beforeAll(async () => {
    portal = await startPortal([["old-key", "old-secret-1"]]);
  });
  afterAll(() => portal.close());
  const open = (change: object = {}) => {
    const [test] = good.test;
    const bound = handedInKey.bind({ ...good, test: [{ ...test, url: portal.url }], ...change });
    return bound.open({ session, signal: new AbortController().signal, resolve });
  };

  it("is accepted, refused or unclear, as the portal says it, with both fields together", async () => {
    const issuer = await open();
    const old = await issuer.identify(pairOf("old-key", "old-secret-1"));
    expect(await issuer.test(old)).toMatchObject({ verdict: "accepted" });
    const mixed = await issuer.identify(pairOf("old-key", "another-secret"));
    expect(await issuer.test(mixed)).toEqual({ verdict: "refused", code: "401" });
    portal.away = true;
    expect(await issuer.test(old)).toMatchObject({ verdict: "unknown", code: "unclear_answer" });
    portal.away = false;
    expect(old.ref.principal).toBe(mixed.ref.principal);
    expect(old.ref.generation).not.toBe(mixed.ref.generation);
    expect(inspect([old, mixed], { depth: null })).not.toContain("secret-1");
  });

  it("needs every field, and names the missing one without a value", async () => {
    const issuer = await open();
    await expect(issuer.identify({ public: { consumer_key: "old-key" }, secret: {} })).rejects.toMatchObject({
      code: "field_missing",
      message: "there is no consumer_secret",
    });
  });

  it("preflight wants a service that refuses what nobody has", async () => {
    const issuer = await open();
    expect(await issuer.preflight(undefined)).toEqual([]);
    const anything = await open({
      test: [{ ...good.test[0], url: portal.url, accepted: 401, refused: 403 }],
    });
    expect(await anything.preflight(undefined)).toMatchObject([{ severity: "error", code: "accepts_anything" }]);
  });

  it("is neither made nor revoked from here", async () => {
    const issuer = await open();
    const before = [...portal.pairs];
    const fresh = await issuer.identify(pairOf("new-key", "new-secret-1"));
    expect(await issuer.issue({ rotationId: "r1", proposed: fresh, current: undefined })).toBe(fresh);
    await expect(issuer.revoke(fresh.ref)).rejects.toMatchObject({ code: "only_by_hand" });
    expect([...portal.pairs]).toEqual(before);
  });

  it("can be sent as a form and as basic authentication, with characters that mean something there", async () => {
    const secret = "a&b=c d/ü";
    const bound = handedInKey.bind({
      ...good,
      basic: ["consumer_key", "consumer_secret"],
      test: [
        {
          url: portal.url,
          headers: { authorization: "Basic {{basic}}" },
          body: "key={{consumer_key|url}}&secret={{consumer_secret|url}}",
          accepted: 415,
        },
      ],
    });
    const issuer = await bound.open({ session, signal: new AbortController().signal, resolve });
    const given = await issuer.identify(pairOf("old-key", secret));
    expect((await issuer.test(given)).verdict).toBe("accepted");
    expect(portal.last()).toEqual({
      authorization: `Basic ${Buffer.from(`old-key:${secret}`).toString("base64")}`,
      body: "key=old-key&secret=a%26b%3Dc%20d%2F%C3%BC",
    });
  });
});
