import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { httpApi } from "../../../src/rotators/http-api/rotator.ts";
import { json, servePage } from "../../checks/page.ts";

const entry = {
  kind: "http-api",
  username: "app",
  admin: { headers: { authorization: "Bearer {{env:TOKEN}}" } },
  find: { path: "/users?name={{username}}", list: "$.users", match: "$.login", id: "$.key" },
  set: {
    path: "/users/{{id}}",
    body: { auth: { password: "{{password}}" } },
    read: { path: "/users/{{id}}", object: "$.user", send: ["login", "email", "auth"] },
  },
  test: { path: "/me", method: "GET", headers: { authorization: "Basic {{basic}}" }, refused: [401, 403] },
};

type User = { login: string; email: string; auth: { password: string; kind: string }; key: number };

/** An API that takes whole users only, with versions, and answers each PUT with all of it; `users` is its database. */
async function world(users: readonly User[]) {
  const kept = new Map(users.map((user) => [user.key, { user, version: 1 }]));
  const requests: string[] = [];
  const page = await servePage((request, response) => {
    const { method, url, headers } = request;
    requests.push(`${method} ${url}`);
    if (url === "/me") {
      const given = Buffer.from((headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
      const known = [...kept.values()].some(({ user }) => given === `${user.login}:${user.auth.password}`);
      return json(response, known ? 200 : 401, {});
    }
    if (headers.authorization !== "Bearer t0ken") return json(response, 401, {});
    if (url.startsWith("/users?")) return json(response, 200, { users: [...kept.values()].map(({ user }) => user) });
    const key = Number(url.split("/")[2]);
    const held = kept.get(key);
    if (held === undefined) return json(response, 404, {});
    if (method === "PUT") {
      if (headers["if-match"] !== `"${String(held.version)}"`) return json(response, 412, {});
      kept.set(key, { user: { ...JSON.parse(request.body), key }, version: held.version + 1 });
    }
    response.setHeader("etag", `"${String(kept.get(key)?.version)}"`);
    json(response, 200, { user: kept.get(key)?.user });
  });
  const issuer = await httpApi.bind({ ...entry, url: page.url }).open({
    session: { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined },
    signal: new AbortController().signal,
    resolve: () => Promise.resolve(new Secret("t0ken")),
  });
  return { issuer, kept, requests, page };
}

const app = { login: "app", email: "app@example.test", auth: { password: "old-password", kind: "local" }, key: 7 };
const other = { ...app, login: "app2", key: 8 };

describe("an API that takes whole objects only", () => {
  it("is given back what was read, with the password in it, under the version that was read", async () => {
    const { issuer, kept, requests, page } = await world([other, app]);
    try {
      const current = await issuer.identify({ public: {}, secret: { password: new Secret("old-password") } });
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
      const proposed = await issuer.propose?.({ rotationId: "r1", current, alphabet });
      await issuer.issue({ rotationId: "r1", proposed, current });
      expect(requests.slice(-3)).toEqual(["GET /users?name=app", "GET /users/7", "PUT /users/7"]);
      const { password = "" } = kept.get(7)?.user.auth ?? {};
      expect(password).toHaveLength(32);
      expect(kept.get(7)?.user).toEqual({ ...app, auth: { password, kind: "local" } });
      expect(kept.get(8)?.user).toEqual(other);
      expect(await issuer.test(current)).toMatchObject({ verdict: "refused", code: "401" });
    } finally {
      await page.stop();
    }
  });

  it.each([
    ["nobody bears the name", [other], "unknown_principal"],
    ["two bear it", [app, { ...app, key: 9 }], "user_unclear"],
  ])("finds nobody to change when %s", async (_what, users, code) => {
    const { issuer, page } = await world(users);
    try {
      await expect(issuer.preflight(undefined)).rejects.toMatchObject({ code });
    } finally {
      await page.stop();
    }
  });

  it("points at a password in use that everybody knows", async () => {
    const { issuer, page } = await world([{ ...app, auth: { password: "Admin123", kind: "local" } }]);
    try {
      const current = await issuer.identify({ public: {}, secret: { password: new Secret("Admin123") } });
      const codes = (await issuer.preflight(current)).map(({ code }) => code);
      expect(codes).toEqual(["unfenced", "default_password"]);
      const small = issuer.preflight(current, "abcdefghijklmnopqrstuvwxyz0123456789");
      await expect(small).rejects.toMatchObject({ code: "class_not_carried" });
    } finally {
      await page.stop();
    }
  });
});
