import { chmodSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { needs } from "../../servers/need.ts";
import { serverFolder } from "../../servers/own-folder.ts";
import { freePort } from "../../servers/port.ts";
import { program } from "../../servers/program.ts";
import { type Redis, startRedis } from "../../servers/redis.ts";
import { redisAnswers } from "../../servers/redis-answers.ts";
import { startServer } from "../../servers/server.ts";
import { adminUser, appUser, codesOf, issueOf, openTarget } from "./target.ts";
import { clientOf, defaultUser, passwords, rootUser } from "./world.ts";

const users = [rootUser, defaultUser, adminUser, appUser, "app_b off ~* &* +@all -@dangerous"];
const kinds = [
  ["one user, ACL file", true, {}],
  ["one user, redis.conf", false, {}],
  ["two users, ACL file", true, { users: ["app", "app_b"] }],
  ["two users, redis.conf", false, { users: ["app", "app_b"] }],
] as const;

needs("redis-server")("redis-acl over a restart of the server", () => {
  it.each(kinds)("keeps each state that a step has reached: %s", async (_name, aclFile, entry) => {
    await using redis = await startRedis({ aclFile, users });
    let opened = await openTarget(redis, entry);
    const { current, proposed } = opened;
    const verdicts = async (): Promise<string[]> => {
      await opened.issuer.close();
      await redis.restart();
      opened = await openTarget(redis, entry);
      return [(await opened.issuer.test(current)).verdict, (await opened.issuer.test(proposed)).verdict];
    };
    await issueOf(opened);
    expect(await verdicts()).toEqual(["accepted", "accepted"]);
    await opened.issuer.disable?.(current.ref);
    expect(await verdicts()).toEqual(["refused", "accepted"]);
    await opened.issuer.enable?.(current);
    expect(await verdicts()).toEqual(["accepted", "accepted"]);
    await opened.issuer.revoke(current.ref);
    expect(await verdicts()).toEqual(["refused", "accepted"]);
    expect((await opened.issuer.list()).map(({ ref }) => ref)).toEqual([proposed.ref]);
    await opened.issuer.close();
  });

  it("never touches requirepass: the user line wins after a restart, and the stale line is named", async () => {
    await using redis = await startRedis({ requirepass: passwords.current, users: [rootUser, adminUser] });
    const opened = await openTarget(redis, { user: "default" }, { username: "default" });
    expect(await codesOf(opened.issuer, opened.current)).toEqual(["info requirepass_on_disk"]);
    const pending = await issueOf(opened);
    await opened.issuer.revoke(opened.current.ref);
    await opened.issuer.close();
    await redis.restart();

    const after = await openTarget(redis, { user: "default" }, { username: "default" });
    expect(await after.issuer.test(pending)).toMatchObject({ verdict: "accepted" });
    expect(await after.issuer.test(opened.current)).toMatchObject({ verdict: "refused" });
    expect(await codesOf(after.issuer, pending)).toEqual(["warning requirepass_stale"]);
    expect(readFileSync(redis.configFile, "utf8")).toContain(`requirepass "${passwords.current}"`);
    await after.issuer.close();
  });

  it("says that the server could not save, adds nothing twice, and goes on when it can", async () => {
    await using redis = await startRedis({ aclFile: true, users });
    const opened = await openTarget(redis);
    chmodSync(redis.folder, 0o511);
    await expect(issueOf(opened)).rejects.toMatchObject({ code: "not_persisted" });
    expect(await opened.issuer.test(opened.current)).toMatchObject({ verdict: "accepted" });
    chmodSync(redis.folder, 0o711);
    await issueOf(opened);
    expect(await opened.issuer.list()).toHaveLength(2);
    await opened.issuer.close();
  });

  it("warns when a server has no file at all, and rotates it", async () => {
    await using bare = await startBare();
    const opened = await openTarget(bare);
    expect(await codesOf(opened.issuer, opened.current)).toEqual(["warning not_persisted"]);
    const pending = await issueOf(opened);
    await opened.issuer.revoke(opened.current.ref);
    expect(await opened.issuer.test(pending)).toMatchObject({ verdict: "accepted" });
    await opened.issuer.close();
  });
});

/** A server that was started with options only. */
async function startBare(): Promise<Pick<Redis, "port"> & AsyncDisposable> {
  const port = await freePort();
  const server = await startServer({
    name: "redis-server",
    port,
    folder: serverFolder("redis"),
    command: program("redis-server"),
    args: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", "front-door"],
    answers: () => redisAnswers(port),
  });
  const root = clientOf(`redis://default:front-door@127.0.0.1:${port}`);
  for (const line of [adminUser, appUser]) {
    const [name = "", ...rules] = line.split(" ");
    await root.call("ACL", "SETUSER", name, ...rules);
  }
  root.disconnect();
  return server;
}
