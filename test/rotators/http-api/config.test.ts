import { describe, expect, it } from "vitest";
import { z } from "zod";
import { GiveUp } from "../../../src/core/errors.ts";
import { baseAlphabet } from "../../../src/core/templates/alphabet.ts";
import { Config } from "../../../src/rotators/http-api/config.ts";
import { newPassword } from "../../../src/rotators/http-api/propose.ts";
import { httpApi } from "../../../src/rotators/http-api/rotator.ts";
import { supersetEntry } from "./superset-entry.ts";

const good = supersetEntry("https://superset.example", "embed");

describe("the entry of an http-api target", () => {
  it("is proposed, a cut, tried at the issuer, and says whom it refuses", () => {
    const { shape } = httpApi.bind(good);
    expect(shape).toMatchObject({
      origin: "proposed",
      overlap: "single",
      triedAt: "issuer",
      principals: ["http-api https://superset.example embed"],
      fields: { username: "public", password: "secret" },
    });
    expect(shape.words.issue).toBe(
      "superset.example sets a new password for embed (PUT /api/v1/security/users/{{id}})",
    );
    expect(shape.words.cut).toContain("logins with the old password are refused");
  });

  it.each([
    ["the password in a path", { set: { path: "/users/{{password}}", body: { p: "{{password}}" } } }, ["set", "path"]],
    ["a kept token in a path", { set: { path: "/users/{{access}}", body: { p: "{{password}}" } } }, ["set", "path"]],
    ["a reference in a path", { find: { path: "/users?key={{env:KEY}}" } }, ["find", "path"]],
    ["an id that nothing finds", { find: undefined }, ["set", "path"]],
    ["a body without the password", { set: { path: "/me", body: { name: "{{username}}" } } }, ["set", "body"]],
    ["a text to be merged", { set: { path: "/me", body: "{{password}}", read: { path: "/me" } } }, ["set", "body"]],
    ["a test that presents nothing", { test: { path: "/login", body: { user: "{{username}}" } } }, ["test"]],
    ["a test without a place", { test: { body: { p: "{{password}}" } } }, ["test"]],
    ["a status that means both", { test: { ...good.test, refused: [200, 401] } }, ["test", "refused"]],
    ["a request longer than who takes over waits", { timeout: "11s" }, ["timeout"]],
    ["user info in the URL", { url: "https://me:pw@superset.example" }, ["url"]],
    [
      "a step that uses what is kept later",
      { admin: { login: [{ path: "/a", body: { t: "{{late}}" } }] } },
      ["admin", "login", 0],
    ],
    [
      "a kept name that is taken",
      { admin: { login: [{ path: "/a", keep: { password: "$.a" } }] } },
      ["admin", "login", 0, "keep", "password"],
    ],
    ["a header that nothing fills", { admin: { headers: { authorization: "Bearer {{none}}" } } }, ["admin", "headers"]],
  ])("is refused with %s, and the error names the place", (_what, change, path) => {
    const entry = Object.fromEntries(Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined));
    const { error } = z.safeParse(httpApi.config, entry);
    expect(error?.issues.map((issue) => issue.path)).toContainEqual(path);
  });
});

describe("a new password", () => {
  const rule = (change: object = {}) => Config.parse({ ...good, password: change }).password;

  it("has the length, begins with a letter, and holds one of every class and no denied word", () => {
    for (let count = 0; count < 200; count += 1) {
      const text = newPassword(
        rule({ length: 16, classes: ["lower", "upper", "digit", "symbol"], deny: ["Q"] }),
        baseAlphabet,
      ).reveal();
      expect(text).toMatch(/^[A-Za-z](?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?=.*[-_.~])[^Qq]{15}$/);
    }
  });

  it("is not made where a class is not carried", () => {
    const make = (): unknown => newPassword(rule(), "abcdefghijklmnopqrstuvwxyz");
    expect(make).toThrow(GiveUp);
    expect(make).toThrow("carry no upper");
  });
});
