import { describe, expect, it } from "vitest";
import { z } from "zod";
import { redisAcl } from "../../../src/rotators/redis-acl/rotator.ts";

const good = {
  kind: "redis-acl",
  url: "rediss://redis.prod:6380",
  admin: { username: "keyturn", password: "env:REDIS_ADMIN" },
  user: "app",
};

describe("the entry of a redis-acl target", () => {
  it("is accepted in both modes, and names the users as what it locks", () => {
    expect(redisAcl.bind(good).shape.principals).toEqual(["redis redis.prod:6380 app"]);
    const { user: _user, ...rest } = good;
    expect(redisAcl.bind({ ...rest, users: ["app_a", "app_b"] }).shape.principals).toHaveLength(2);
    expect(redisAcl.bind({ ...good, url: "redis://[::1]", user: "default" }).shape.principals).toEqual([
      "redis [::1]:6379 default",
    ]);
  });

  it.each([
    ["a password in the URL", { url: "redis://app:hunter2@redis.prod" }, ["url"]],
    ["another protocol", { url: "https://redis.prod" }, ["url"]],
    ["a plain password", { admin: { username: "keyturn", password: "hunter2" } }, ["admin", "password"]],
    ["both modes at once", { users: ["a", "b"] }, ["user"]],
    ["no mode", { user: undefined }, ["user"]],
    ["one user twice", { user: undefined, users: ["a", "a"] }, ["users"]],
    ["default taking turns", { user: undefined, users: ["default", "b"] }, ["users"]],
    ["the administrator as the rotated user", { user: "keyturn" }, ["admin"]],
    ["TLS options without TLS", { url: "redis://redis.prod", tls: { ca: "file:ca.pem" } }, ["tls"]],
    ["a misspelt option", { replicationuser: true }, []],
  ])("is refused with %s, and the error names the place without the value", (_what, change, path) => {
    const entry = Object.fromEntries(Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined));
    const parsed = z.safeParse(redisAcl.config, entry);
    expect(parsed.error?.issues.map((issue) => issue.path)).toEqual([path]);
    expect(parsed.error?.message).not.toContain("hunter2");
  });

  it("has a JSON Schema for editors", () => {
    expect(z.toJSONSchema(redisAcl.config, { io: "input" })).toMatchObject({ type: "object" });
  });
});
