import { describe, expect, it } from "vitest";
import { z } from "zod";
import { generated } from "../../../src/rotators/generated/rotator.ts";

const good = { kind: "generated", login: [{ url: "http://the0:3000/auth/login" }] };
const session = { accept: [{ url: "http://the0:3000/auth/me" }] };

describe("the entry of a generated target", () => {
  it("is a cut that only the application judges, and says who is logged out, and how the end is proved", () => {
    const { shape } = generated.bind({ ...good, name: "the0 root administrator", session });
    expect(shape).toMatchObject({
      origin: "proposed",
      overlap: "single",
      triedAt: "consumer",
      principals: ["generated the0 root administrator"],
      fields: { email: "public", password: "secret" },
    });
    expect(shape.words.cut).toMatch(/^everybody who is logged in as the0 root administrator is logged out/);
    expect(shape.words.proof).toBe(
      "the0:3000 answers 401 or 403 to a login with the old password and lets the new one in, and a session that was opened with the old password is refused too",
    );
    expect(generated.bind(good).shape.words.proof).toContain("cannot be asked here: look yourself");
  });

  it.each([
    ["no login", { login: [] }, ["login"]],
    [
      "a login without the password",
      { login: [{ url: "http://a", body: { email: "{{email}}" } }] },
      ["login", 0, "body"],
    ],
    ["the password in the URL", { login: [{ url: "http://a/?p={{password}}" }] }, ["login", 0, "url"]],
    ["url and urls", { login: [{ url: "http://a", urls: ["http://b"] }] }, ["login", 0, "url"]],
    ["a status that means both", { login: [{ url: "http://a", accepted: [200, 401] }] }, ["login", 0, "refused"]],
    [
      "a session that is not shown",
      { session: { accept: [{ url: "http://a", headers: {} }] } },
      ["session", "accept", 0, "headers"],
    ],
    ["no email", { email: "root" }, ["email"]],
    ["a length that nothing has", { policy: { minLength: 80, maxLength: 20 } }, ["policy", "minLength"]],
    ["a password that could be guessed", { policy: { maxLength: 12, needs: ["digit"] } }, ["policy", "maxLength"]],
    ["a password of one symbol", { policy: { needs: ["symbol"], symbols: "!" } }, ["policy", "maxLength"]],
    ["letters for symbols", { policy: { symbols: "abc" } }, ["policy", "symbols"]],
    ["a word of one letter", { policy: { deny: ["a"] } }, ["policy", "deny", 0]],
  ])("is refused with %s, and the error names the place", (_what, change, path) => {
    const { error } = z.safeParse(generated.config, { ...good, ...change });
    expect(error?.issues.map((issue) => issue.path)).toEqual([path]);
  });
});
