import { describe, expect, it } from "vitest";
import { httpCheck } from "../../src/checks/http/check.ts";
import type { CheckScope } from "../../src/core/ports.ts";
import { json, type Request, servePage } from "./page.ts";
import { scopeOf } from "./scope.ts";

const published = "2026-11-21T12:00:00.000Z";
const expected: NonNullable<CheckScope["expected"]> = {
  ref: { principal: "app", generation: "1" },
  public: {},
  values: {},
  since: published,
  places: {},
};

/** What the check says of a page that answers so, after a publish at noon. */
async function look(fresh: object, answer: (request: Request) => { body?: object; headers?: Record<string, string> }) {
  const page = await servePage((request, response) => {
    const { body = {}, headers = {} } = answer(request);
    response.sendDate = false;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    json(response, 200, body);
  });
  try {
    const bound = httpCheck().bind({
      kind: "http",
      url: `${page.url}/lookup?plate=KT{{nonce}}`,
      method: "POST",
      headers: { "x-nonce": "{{nonce}}" },
      body: { nonce: "{{ nonce }}", user: "{{username}}" },
      fresh,
      settle: "0s",
    });
    const check = await bound.open({
      session: { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined },
      signal: new AbortController().signal,
      resolve: () => Promise.reject(new Error("nothing to resolve")),
    });
    const verdict = await check.run({ failed: [] }, scopeOf({ expected }));
    return { verdict, requests: page.requests };
  } finally {
    await page.stop();
  }
}

const nonceOf = ({ body }: Request): unknown => JSON.parse(body);

describe("an http check that no cache can answer", () => {
  it("sends a word that is new at each look, in the URL, a header and the body, and wants it back", async () => {
    const first = await look({ echo: "$.got.nonce" }, (request) => ({ body: { got: nonceOf(request) } }));
    const second = await look({ echo: "$.got.nonce" }, (request) => ({ body: { got: nonceOf(request) } }));
    expect([first.verdict.ok, second.verdict.ok]).toEqual([true, true]);
    const [sent, later] = [...first.requests, ...second.requests];
    const nonce = sent?.headers["x-nonce"];
    expect(nonce).toMatch(/^[0-9a-f]{16}$/);
    expect(sent?.url).toBe(`/lookup?plate=KT${String(nonce)}`);
    expect(JSON.parse(sent?.body ?? "")).toEqual({ nonce, user: "resolved({{username}})" });
    expect(later?.headers["x-nonce"]).not.toBe(nonce);
  });

  it("is red when the word of an earlier look comes back", async () => {
    const { verdict } = await look({ echo: "$.nonce" }, () => ({ body: { nonce: "0123456789abcdef" } }));
    expect(verdict).toMatchObject({ ok: false });
    expect(verdict.summary).toContain("may come from a cache (nonce)");
  });

  it.each([
    ["made after the publish", { at: "$.at" }, { body: { at: "2026-11-21T12:00:01Z" } }, true],
    ["made within the skew", { at: "$.at" }, { body: { at: "2026-11-21T11:59:59Z" } }, true],
    ["made before it", { at: "$.at" }, { body: { at: "2026-11-21T11:59:50Z" } }, false],
    ["made after it, in seconds since 1970", { at: "$.at" }, { body: { at: Date.parse(published) / 1_000 + 1 } }, true],
    ["without a time", { at: "$.at" }, {}, false],
    ["with a Date after it", { headers: true }, { headers: { date: "Sat, 21 Nov 2026 12:00:00 GMT" } }, true],
    ["with a Date before it", { headers: true }, { headers: { date: "Sat, 21 Nov 2026 11:59:50 GMT" } }, false],
    ["without a Date", { headers: true }, {}, false],
    ["with an Age", { headers: true }, { headers: { date: "Sat, 21 Nov 2026 12:00:00 GMT", age: "3" } }, false],
  ])("an answer %s", async (_what, fresh, answer, ok) => {
    const { verdict } = await look(fresh, () => answer);
    expect(verdict.ok).toBe(ok);
  });

  it("is refused in a catalog when it asks for nothing", () => {
    expect(httpCheck().config.safeParse({ kind: "http", url: "http://a/", fresh: {} }).success).toBe(false);
  });
});
