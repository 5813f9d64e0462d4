import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../../servers/need.ts";
import { type Redis, startRedis } from "../../servers/redis.ts";
import { adminUser, appUser, codesOf, openTarget } from "./target.ts";
import { clientOf, defaultUser, fields, passwords, rootOf, rootUser, stayConnected, texts } from "./world.ts";

const users = [rootUser, defaultUser, adminUser, appUser];
const turns = { users: ["app", "app_b"] };
const bUser = "app_b off resetpass ~* &* +@all -@dangerous";

needs("redis-server")("preflight of redis-acl", () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = await startRedis({ aclFile: true, users: [...users, bUser] });
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  async function find(change: readonly string[], entry = {}, undo: readonly string[] = []): Promise<string[]> {
    const root = rootOf(redis);
    if (change.length > 0) await root.call("ACL", "SETUSER", ...change);
    const { issuer, current } = await openTarget(redis, entry);
    try {
      return await codesOf(issuer, current);
    } finally {
      await issuer.close();
      if (undo.length > 0) await root.call("ACL", "SETUSER", ...undo);
      root.disconnect();
    }
  }

  it("finds nothing in a sound target of either mode", async () => {
    expect(await find([])).toEqual([]);
    expect(await find([], turns)).toEqual([]);
  });

  it("names a right that is missing, with a command that gives it", async () => {
    const root = rootOf(redis);
    await root.call("ACL", "SETUSER", "keyturn", "-acl|save", "-client|kill");
    const { issuer, current } = await openTarget(redis);
    const [finding] = await issuer.preflight(current);
    await issuer.close();

    expect(finding).toMatchObject({ severity: "error", code: "admin_rights" });
    expect(finding?.sentence).toContain("CLIENT KILL, ACL SAVE");
    const [, , name = "", ...rules] = (finding?.command ?? "").split(" ");
    await root.call("ACL", "SETUSER", name, ...rules);
    root.disconnect();
    expect(await find([])).toEqual([]);
  });

  it("names all rights when not even the question is allowed", async () => {
    const found = await find(["keyturn", "-acl|dryrun"], {}, ["keyturn", "+acl|dryrun"]);
    expect(found).toEqual(["error admin_rights"]);
  });

  it("sees a default user that lets everybody in", async () => {
    expect(await find(["default", "nopass"], {}, ["default", "resetpass", ">x"])).toEqual(["error default_open"]);
  });

  it("sees a user that is off, and one that needs no password", async () => {
    expect(await find(["app", "off"], {}, ["app", "on"])).toEqual(["error user_off"]);
    expect(await find(["app", "nopass"], {}, ["app", "resetpass", `>${passwords.current}`])).toEqual([
      "error user_nopass",
    ]);
  });

  it("sees a user that does not exist", async () => {
    const found = await find([], { users: ["app", "nobody"] });
    expect(found).toEqual(["error user_missing"]);
  });

  it("names a third password and leaves it", async () => {
    expect(await find(["app", ">third"], {}, ["app", "<third"])).toEqual(["warning further_passwords"]);
  });

  it("sees that the other user is taken, still connected, or allowed something else, each with its way out", async () => {
    expect(await find(["app_b", "on", ">b"], turns)).toEqual(["error user_not_vacant"]);
    const session = await stayConnected(redis, fields("app_b", "b"));
    expect(await find(["app_b", "off"], turns)).toEqual(["error other_sessions"]);
    await session.close();
    expect(await find(["app_b", "resetpass", "-get"], turns)).toEqual(["error rights_differ"]);

    const root = rootOf(redis);
    const { issuer, current } = await openTarget(redis, turns);
    const [finding] = await issuer.preflight(current);
    const [, , name = "", ...rules] = (finding?.command ?? "").split(" ");
    await root.call("ACL", "SETUSER", name, ...rules);
    expect(await codesOf(issuer, current)).toEqual([]);
    await issuer.close();
    root.disconnect();
  });

  it("says when a server has no file to keep users in, and when somebody else keeps them", async () => {
    await using bare = await startRedis({ requirepass: passwords.stranger });
    const client = bare.urlFor("default", passwords.stranger);
    const root = clientOf(client);
    for (const line of [adminUser, appUser]) {
      const [name = "", ...rules] = line.split(" ");
      await root.call("ACL", "SETUSER", name, ...rules);
    }
    root.disconnect();
    const { issuer, current } = await openTarget(bare, { persist: "elsewhere" });
    expect(await codesOf(issuer, current)).toEqual(["warning persisted_elsewhere"]);
    await issuer.close();
  });

  it("sees requirepass beside an ACL file without a line for default", async () => {
    await using open = await startRedis({ aclFile: true, requirepass: "front-door", users: [adminUser, appUser] });
    const { issuer, current } = await openTarget(open);
    const findings = await issuer.preflight(current);
    await issuer.close();
    expect(findings).toMatchObject([{ severity: "error", code: "default_open" }]);
    expect(findings[0]?.sentence).toContain("requirepass is set");
    expect(JSON.stringify(findings)).not.toContain("front-door");
  });

  it("names a node that cannot be reached among all other findings", async () => {
    await using second = await startRedis({ users });
    const { issuer, current } = await openTarget(redis);
    await issuer.close();
    await second.stop();
    const late = await openTarget(redis, { nodes: [`redis://127.0.0.1:${second.port}`] });
    expect(await codesOf(late.issuer, current)).toEqual(["error unreachable"]);
    await expect(late.issuer.issue({ rotationId: "r1", proposed: late.proposed, current })).rejects.toMatchObject({
      code: "unreachable",
    });
    expect(texts(await late.issuer.list().catch((error: unknown) => error))).toEqual([
      expect.stringContaining("did not answer"),
    ]);
    await late.issuer.close();
  });
});
