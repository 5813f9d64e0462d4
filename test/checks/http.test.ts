import { describe, expect, it } from "vitest";
import { httpCheck } from "../../src/checks/http/check.ts";
import type { Json, Verdict } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { checkContract } from "../contract/check.ts";
import { json, type Page, type Request, servePage } from "./page.ts";
import { scopeOf } from "./scope.ts";

const canary = "canary-h3alth-Zq8Kx2";
type Answer = Parameters<typeof servePage>[0];

checkContract({
  name: "http",
  makeWorld: async () => {
    let redis = "healthy";
    const page = await servePage((_, response) =>
      json(response, redis === "healthy" ? 200 : 503, { components: { redis }, debug: canary }),
    );
    const expect = { json: { "$.components.redis": "healthy", "$.debug": { type: "string" } } };
    return {
      bound: httpCheck().bind({ kind: "http", url: `${page.url}/health`, expect }),
      scope: () => Promise.resolve(scopeOf()),
      breakIt: () => {
        redis = `down: password=${canary}`;
        return Promise.resolve();
      },
      hideIt: () => page.stop(),
      forgives: true,
      secrets: [canary],
      close: () => page.stop(),
    };
  },
});

describe("the http check", () => {
  it("sends method, headers and body, and fills references in for its own host", () =>
    withPage(
      (_, response) => json(response, 201, { total: 3 }),
      async (page) => {
        const { verdict } = await lookOnce(page, {
          method: "POST",
          headers: { "X-Api-Key": "env:SMOKE_KEY", accept: "application/json" },
          body: { user: "{{username}}", plain: "text", n: 1 },
          expect: { status: [200, 201], json: { "$.total": { type: "number" } } },
        });

        const [request] = page.requests;
        expect(verdict).toMatchObject({ ok: true, summary: "/ 201 total=3" });
        expect(request?.headers["x-api-key"]).toBe("resolved(env:SMOKE_KEY)");
        expect(JSON.parse(request?.body ?? "")).toEqual({ user: "resolved({{username}})", plain: "text", n: 1 });
        expect([request?.method, request?.headers["content-type"]]).toEqual(["POST", "application/json"]);
      },
    ));

  it.each<[string, object, (request: Request | undefined) => unknown, unknown]>([
    ["a token", { token: "$.auth.token" }, (request) => request?.headers.authorization, "Bearer t0ken"],
    ["its cookies", { cookie: true }, (request) => request?.headers.cookie, "sid=abc; theme=dark"],
  ])("logs in first and sends %s", (_, login, sent, wanted) =>
    withPage(
      (request, response) => {
        response.setHeader("set-cookie", ["sid=abc; HttpOnly", "theme=dark"]);
        json(response, 200, request.url === "/login" ? { auth: { token: "t0ken" } } : {});
      },
      async (page) => {
        const { verdict } = await lookOnce(page, {
          login: { url: `${page.url}/login`, body: { p: "env:PASS" }, ...login },
        });

        expect(verdict.ok).toBe(true);
        expect(page.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(["POST /login", "GET /"]);
        expect(page.requests[0]?.body).toBe('{"p":"resolved(env:PASS)"}');
        expect(sent(page.requests[1])).toBe(wanted);
      },
    ),
  );

  it("is red when the login is refused, and asks nothing more", () =>
    withPage(
      (_, response) => json(response, 401, {}),
      async (page) => {
        const { verdict } = await lookOnce(page, { login: { url: `${page.url}/login`, token: "$.t" } }, { failed: [] });

        expect(verdict).toMatchObject({ ok: false, evidence: { failed: ["login"] } });
        expect(page.requests).toHaveLength(1);
      },
    ));

  it("follows a redirect at its own host, and never one to another host, which sees no request at all", () =>
    withPage(
      (_, response) => json(response, 200, {}),
      async (other) => {
        const answer: Answer = ({ url }, response) => {
          if (url === "/moved") return json(response, 200, {});
          response.writeHead(307, { location: url === "/" ? "/moved" : `${other.url}/steal` }).end();
        };
        await withPage(answer, async (page) => {
          const headers = { authorization: "env:TOKEN" };
          const here = await lookOnce(page, { headers });
          const away = await lookOnce(page, { headers, url: `${page.url}/away` }, { failed: [] });

          expect(here.verdict.ok).toBe(true);
          expect(page.requests[1]?.headers.authorization).toBe("resolved(env:TOKEN)");
          expect(away.verdict).toMatchObject({ ok: false, evidence: { failed: ["redirect"] } });
          expect(other.requests).toEqual([]);
        });
      },
    ));

  it("is red when a part turns red that was green, though another part was red before", () =>
    withPage(
      (_, response) => json(response, 200, { a: "bad", b: "bad" }),
      async (page) => {
        const expected = { expect: { json: { "$.a": "good", "$.b": { in: ["good", "fair"] } } } };
        const one = await lookOnce(page, expected, { failed: ["$.a"] });
        const both = await lookOnce(page, expected, { failed: ["$.a", "$.b"] });

        expect([one.verdict.ok, one.verdict.warning]).toEqual([false, undefined]);
        expect([both.verdict.ok, both.verdict.warning]).toEqual([false, true]);
      },
    ));

  it("throws when nobody answers in time, and when an answer is too long to tell", () =>
    withPage(
      ({ url }, response) => {
        if (url === "/long") response.end(`{"a":"${"x".repeat(1_100_000)}"}`);
      },
      async (page) => {
        await expect(lookOnce(page, { timeout: "50ms" })).rejects.toMatchObject({ code: "http_timed_out" });
        const long = { url: `${page.url}/long`, expect: { json: { "$.a": "x" } } };
        await expect(lookOnce(page, long)).rejects.toMatchObject({ code: "http_too_long" });
      },
    ));

  it.each([
    ["user info in the URL", { url: "http://a:b@h/" }],
    ["another scheme", { url: "file:///etc/passwd" }],
    ["a path with a filter", { url: "http://h/", expect: { json: { "$..a[?(@.b)]": 1 } } }],
    ["an unknown option", { url: "http://h/", follow: true }],
  ])("refuses %s when the catalog is read", (_, entry) => {
    expect(() => httpCheck().bind({ kind: "http", ...entry })).toThrow();
  });
});

async function withPage(answer: Answer, act: (page: Page) => Promise<void>): Promise<void> {
  const page = await servePage(answer);
  try {
    await act(page);
  } finally {
    await page.stop();
  }
}

async function lookOnce(page: Page, entry: object, baseline?: Json): Promise<{ readonly verdict: Verdict }> {
  const check = await httpCheck()
    .bind({ kind: "http", url: `${page.url}/`, ...entry })
    .open({
      session: { rotationId: "r", epoch: 1, name: "keyturn:r:1", guard: () => undefined },
      signal: new AbortController().signal,
      resolve: () => Promise.resolve(new Secret("unused")),
    });
  return { verdict: await check.run(baseline ?? null, scopeOf()) };
}
