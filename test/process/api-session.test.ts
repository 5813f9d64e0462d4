import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { LostRace } from "../../src/core/errors.ts";
import { Secret } from "../../src/core/secret.ts";
import { Admin, Call } from "../../src/process/api/config.ts";
import { type Asked, openApi } from "../../src/process/api/session.ts";
import { json, type Request, servePage } from "../checks/page.ts";

const canary = "canary-4dmin-Zq8Kx2";
type Answer = Parameters<typeof servePage>[0];

const admin = {
  login: [
    { method: "POST", path: "/login", body: { user: "keyturn", password: "env:ADMIN" }, keep: { access: "$.token" } },
    {
      path: "/csrf",
      headers: { authorization: "Bearer {{access}}" },
      keep: { csrf: "header:x-csrf", sid: "cookie:sid" },
    },
  ],
  headers: { authorization: "Bearer {{access}}", "x-csrf": "{{csrf}}" },
};

/** Lets in whoever went through both steps of the login; anything else is answered by `then`. */
function strict(then: Answer): Answer {
  return (request, response) => {
    const { url, method, headers, body } = request;
    if (url === "/login" && method === "POST") {
      const isAdmin = body === JSON.stringify({ user: "keyturn", password: canary });
      json(response, isAdmin ? 200 : 401, isAdmin ? { token: "t0ken" } : {});
    } else if (url === "/csrf" && headers.authorization === "Bearer t0ken") {
      response.setHeader("set-cookie", ["sid=abc; HttpOnly; Path=/", "gone=; Max-Age=0"]).setHeader("x-csrf", "c5rf");
      json(response, 200, {});
    } else if (headers.cookie === "sid=abc" && headers["x-csrf"] === "c5rf") then(request, response);
    else json(response, 401, { why: canary });
  };
}

async function asked(then: Answer, call: Partial<Asked> = {}, options: { guard?: () => void; login?: object } = {}) {
  const page = await servePage(strict(then));
  const ask = openApi(
    { url: page.url, admin: Admin.parse(options.login ?? admin), timeout: 2_000 },
    {
      session: { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: options.guard ?? (() => undefined) },
      signal: new AbortController().signal,
      resolve: () => Promise.resolve(new Secret(canary)),
    },
  );
  try {
    const made = { ...Call.parse({ path: "/users/{{id}}?q={{id}}" }), ...call };
    const answer = await ask(made, { id: new Secret("a/b c"), password: new Secret(`${canary}"2`) }).catch(
      (error: unknown) => error,
    );
    return { answer, requests: page.requests, text: inspect(answer, { depth: 9, showHidden: true }) };
  } finally {
    await page.stop();
  }
}

const last = (requests: readonly Request[]): Request | undefined => requests.at(-1);

describe("an administration API", () => {
  it("logs in by steps, keeps cookies and what was asked for, and fills the path in so that it stays one piece", async () => {
    const { answer, requests } = await asked((_, response) => json(response, 200, {}));
    expect(answer).toMatchObject({ status: 200 });
    expect(requests.map(({ url }) => url)).toEqual(["/login", "/csrf", "/users/a%2Fb%20c?q=a%2Fb%20c"]);
    expect(last(requests)?.headers.authorization).toBe("Bearer t0ken");
  });

  it("sends a body as JSON with the words in it, merged into what was read", async () => {
    const into = { keep: "{{password}}", deep: { kept: 1, secret: "masked" } };
    const body = { deep: { secret: "{{password}}" } };
    const { requests } = await asked((_, response) => json(response, 200, {}), { method: "PUT", body, into });
    expect(JSON.parse(last(requests)?.body ?? "")).toEqual({
      keep: "{{password}}",
      deep: { kept: 1, secret: `${canary}"2` },
    });
  });

  it.each<[number, string, string]>([
    [302, "api_redirects", "is not followed"],
    [400, "value_refused", "refuses what PUT /users/{{id}} sends (400)"],
    [403, "api_no_right", "(403)"],
    [404, "api_missing", "has no PUT /users/{{id}} (404)"],
    [409, "lost_race", "somebody else changed it meanwhile, or it refuses it"],
    [412, "lost_race", "somebody else changed it"],
    [418, "api_unclear", "no success"],
    [429, "api_busy", "with 429"],
    [500, "api_busy", "with 500"],
    [401, "admin_session_ended", "ended (401)"],
  ])("takes %i for %s, and shows nothing of the answer", async (status, code, words) => {
    const { answer, text, requests } = await asked(
      (_, response) => {
        response.setHeader("location", "http://elsewhere.example/");
        json(response, status, { password: `${canary}2` });
      },
      { method: "PUT", body: { password: "{{password}}" } },
    );
    expect(answer).toMatchObject({ code });
    expect(answer).toHaveProperty("message", expect.stringContaining(words));
    expect(answer instanceof LostRace).toBe(code === "lost_race");
    expect(text).not.toContain(canary);
    expect(requests).toHaveLength(3);
  });

  it("says whose login was refused, and which part of an answer is not there", async () => {
    const wrong = { login: [{ ...admin.login[0], body: { user: "keyturn", password: "none" } }] };
    const refused = await asked((_, response) => json(response, 200, {}), {}, { login: wrong });
    expect(refused.answer).toMatchObject({ code: "admin_refused" });
    const missing = { login: [{ ...admin.login[0], keep: { access: "$.elsewhere" } }] };
    const nothing = await asked((_, response) => json(response, 200, {}), {}, { login: missing });
    expect(nothing.answer).toMatchObject({ code: "login_kept_nothing" });
    expect(nothing.text).not.toContain(canary);
  });

  it("asks for the lease before it changes anything, and not before it looks", async () => {
    const guard = (): never => {
      throw new Error("no lease");
    };
    const ok: Answer = (_, response) => json(response, 200, {});
    expect((await asked(ok, {}, { guard })).answer).toMatchObject({ status: 200 });
    const late = await asked(ok, { method: "PUT", changes: true }, { guard });
    expect(late.answer).toMatchObject({ message: "no lease" });
    expect(late.requests).toHaveLength(2);
  });
});
