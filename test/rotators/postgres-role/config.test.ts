import { describe, expect, it } from "vitest";
import { postgresRole } from "../../../src/rotators/postgres-role/rotator.ts";

const good = {
  kind: "postgres-role",
  url: "postgresql://db.prod:6543/shop",
  admin: { username: "keyturn", password: "env:PG_ADMIN" },
  roles: ["app_a", "app_b"],
  owner: "app_owner",
};

describe("the entry of postgres-role", () => {
  it("declares two roles as dual, with a lock name for each role at each server", () => {
    const { shape } = postgresRole.bind(good);

    expect(shape).toMatchObject({ origin: "proposed", overlap: "dual", triedAt: "issuer" });
    expect(shape.principals).toEqual(["postgres-role db.prod:6543 app_a", "postgres-role db.prod:6543 app_b"]);
    expect(shape.words.cut).toBeUndefined();
  });

  it("declares one role as a cut, and says what it refuses", () => {
    const { roles: _roles, owner: _owner, ...rest } = good;
    const { shape } = postgresRole.bind({ ...rest, role: "app" });

    expect(shape.overlap).toBe("single");
    expect(shape.words.cut).toContain("refused");
  });

  it.each([
    ["a password in the url", { url: "postgresql://me:canary-7@db/shop" }, ["url"]],
    ["no database", { url: "postgresql://db" }, ["url"]],
    ["options in the url", { url: "postgresql://db/shop?sslmode=disable" }, ["url"]],
    ["another protocol", { url: "https://db/shop" }, ["url"]],
    ["both url and servers", { servers: ["postgresql://x/shop"] }, ["url"]],
    ["both roles and role", { role: "app" }, ["roles"]],
    ["the same role twice", { roles: ["a", "a"] }, ["roles"]],
    ["a value instead of a reference", { admin: { username: "keyturn", password: "canary-7" } }, ["admin", "password"]],
    ["the owner as a login role", { owner: "app_a" }, ["owner"]],
    ["the admin as a rotated role", { admin: { username: "app_a", password: "env:X" } }, ["admin"]],
    ["an unknown key", { rolls: [] }, []],
  ])("refuses %s, points at it, and does not repeat what may be a secret", (_name, change, path) => {
    const result = postgresRole.config.safeParse({ ...good, ...change });

    expect(result.success).toBe(false);
    expect(result.error?.issues.map((issue) => issue.path)).toContainEqual(path);
    expect(JSON.stringify(result.error?.issues)).not.toContain("canary-7");
  });
});
