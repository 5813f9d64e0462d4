import { readFileSync } from "node:fs";
import type { Redis as Client } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { wireThrough } from "../../contract/wire-through.ts";
import { needs } from "../../servers/need.ts";
import { type Redis, startRedis } from "../../servers/redis.ts";
import { type Sentinel, startSentinel } from "../../servers/sentinel.ts";
import { adminUser, codesOf, issueOf, openTarget } from "./target.ts";
import { clientOf, defaultUser, passwords, rootOf, rootUser, texts } from "./world.ts";

const open: Array<AsyncDisposable | Client> = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse())
    await ("disconnect" in each ? each.disconnect() : each[Symbol.asyncDispose]());
});

type Setup = {
  readonly master: Redis;
  readonly replica: Redis;
  readonly sentinel: Sentinel;
  readonly entry: Record<string, unknown>;
};

/** A master, its replica and a Sentinel that all log in as one user. */
async function setUp(user: string, aclFile: boolean): Promise<Setup> {
  const all = `~* &* +@all`;
  const lines =
    user === "default"
      ? [`default on >${passwords.current} ${all}`]
      : [defaultUser, `${user} on >${passwords.current} ${all}`];
  const others = user === "app_a" ? [`app_b off ${all}`] : [];
  const users = [rootUser, adminUser, ...lines, ...others];
  const login = { masteruser: user, masterauth: passwords.current };
  const master = track(
    await startRedis({ users, aclFile, config: [`masteruser ${user}`, `masterauth ${passwords.current}`] }),
  );
  const replica = track(await startRedis({ users, aclFile, replicaOf: { port: master.port, ...login } }));
  const sentinel = track(
    await startSentinel({
      master: { port: master.port, authUser: user, authPass: passwords.current },
      requirepass: passwords.admin,
    }),
  );
  const entry = {
    replicationUser: true,
    sentinels: { urls: [`redis://127.0.0.1:${sentinel.port}`], master: sentinel.masterName, password: "env:SENTINEL" },
    ...(user === "app_a" ? { users: ["app_a", "app_b"] } : { user }),
  };
  const setup = { master, replica, sentinel, entry };
  await healthy(setup);
  return setup;
}

function track<Kind extends AsyncDisposable | Client>(each: Kind): Kind {
  open.push(each);
  return each;
}

async function healthy({ replica, sentinel }: Setup): Promise<void> {
  const root = track(rootOf(replica));
  const watcher = track(clientOf(sentinel.url));
  await expect.poll(() => root.info("replication"), { timeout: 30_000 }).toContain("master_link_status:up");
  await expect
    .poll(() => watcher.call("SENTINEL", "REPLICAS", sentinel.masterName).then(texts), { timeout: 30_000 })
    .toEqual([expect.stringContaining(`127.0.0.1:${replica.port}`)]);
  await expect.poll(() => flags(watcher, sentinel.masterName), { timeout: 30_000 }).toBe("master");
}

async function flags(watcher: Client, name: string): Promise<string | undefined> {
  const state = texts(await watcher.call("SENTINEL", "MASTER", name));
  return state[state.indexOf("flags") + 1];
}

/** Breaks every link, and waits until replica and Sentinel are back at the master, logged in as this user. */
async function logInAgain(setup: Setup, user: string): Promise<void> {
  const root = track(rootOf(setup.master));
  const before = Number(await root.call("CLIENT", "ID"));
  for (const type of ["replica", "normal", "pubsub"]) await root.call("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");
  const youngest = async (): Promise<string[]> => [...(await linksAs(root, user, before))].sort();
  await expect.poll(youngest, { timeout: 30_000 }).toEqual(["replica", "sentinel"]);
  await healthy(setup);
}

/** Who is connected as this user since a connection of this id. */
async function linksAs(root: Client, user: string, since: number): Promise<Set<string>> {
  const lines = String(await root.call("CLIENT", "LIST")).split("\n");
  const young = lines.filter((line) => line.includes(` user=${user} `) && Number(/^id=(\d+)/.exec(line)?.[1]) > since);
  return new Set(
    young
      .flatMap((line) => [
        / flags=S /.test(line) ? "replica" : "",
        /name=sentinel-\S+-cmd /.test(line) ? "sentinel" : "",
      ])
      .filter((kind) => kind !== ""),
  );
}

needs("redis-server", "redis-sentinel")(
  "redis-acl where replication and Sentinel log in with the same credential",
  () => {
    it.each([
      ["a named user, ACL files", "app", true],
      ["a named user, redis.conf", "app", false],
      ["the user default", "default", false],
      ["two users that take turns", "app_a", true],
    ] as const)("moves them first and keeps links up while the old one goes: %s", async (_name, user, aclFile) => {
      const setup = await setUp(user, aclFile);
      const { issuer, current, proposed } = await openTarget(setup.master, setup.entry, { username: user });
      expect((await codesOf(issuer, current)).filter((code) => !code.startsWith("info"))).toEqual([]);

      const pending = await issueOf({ issuer, current, proposed });
      await issuer.disable?.(current.ref);
      await issuer.revoke(current.ref);

      expect(await issuer.test(current)).toEqual({ verdict: "refused", code: "WRONGPASS" });
      expect(await issuer.test(pending)).toMatchObject({ verdict: "accepted" });
      await issuer.close();
      await logInAgain(setup, pending.ref.principal);
      const word = pending.secret["password"]?.reveal() ?? "";
      expect(readFileSync(setup.replica.configFile, "utf8")).toContain(word);
      expect(readFileSync(setup.sentinel.configFile, "utf8")).toContain(word);
    });

    it("keeps them up on the way back: enable of the old one moves them, then the new one goes", async () => {
      const setup = await setUp("app", true);
      const { issuer, current, proposed } = await openTarget(setup.master, setup.entry);
      const pending = await issueOf({ issuer, current, proposed });
      await expect(issuer.disable?.(pending.ref)).rejects.toMatchObject({ code: "replication_uses_it" });
      await expect(issuer.revoke(pending.ref)).rejects.toMatchObject({ code: "replication_uses_it" });

      await issuer.enable?.(current);
      await issuer.disable?.(pending.ref);
      await issuer.revoke(pending.ref);

      expect(await issuer.test(pending)).toMatchObject({ verdict: "refused" });
      expect(await issuer.test(current)).toMatchObject({ verdict: "accepted" });
      await logInAgain(setup, "app");
      await issuer.close();
    });

    it("ends the same when the line is cut before or after each command of issue", async () => {
      const setup = await setUp("app", true);
      const gate = await wireThrough("redis", [setup.master.port, setup.replica.port, setup.sentinel.port]);
      const [master = 0, replica = 0, sentinel = 0] = gate.ports;
      const { sentinels, ...rest } = setup.entry;
      const entry = {
        ...rest,
        nodes: [`redis://127.0.0.1:${replica}`],
        sentinels: { ...Object(sentinels), urls: [`redis://127.0.0.1:${sentinel}`] },
      };
      let commands: number | undefined;
      for (let command = 1; commands === undefined; command += 1) {
        for (const when of ["before", "after"] as const) {
          const first = await openTarget({ port: master }, entry);
          gate.wire.reset();
          gate.wire.cut(command, when);
          const ending = await issueOf(first).then(
            () => "done",
            () => "cut",
          );
          await first.issuer.close();
          gate.wire.reset();
          if (ending === "done") commands = command - 1;

          const next = await openTarget({ port: master }, entry, { epoch: 2 });
          await next.issuer.fence();
          const pending = await next.issuer.issue({
            rotationId: "r1",
            proposed: first.proposed,
            current: first.current,
          });
          expect(await next.issuer.test(pending)).toMatchObject({ verdict: "accepted" });
          expect(await next.issuer.test(first.current)).toMatchObject({ verdict: "accepted" });
          expect((await codesOf(next.issuer, pending)).filter((code) => code.startsWith("error"))).toEqual([]);
          await next.issuer.enable?.(first.current);
          await next.issuer.revoke(pending.ref);
          await next.issuer.close();
        }
      }
      expect(commands).toBeGreaterThan(8);
      await gate.close();
      await logInAgain(setup, "app");
    });

    it("says so when replication or Sentinel logs in as the user and the target does not know it", async () => {
      const setup = await setUp("app", true);
      const { issuer, current } = await openTarget(setup.master, { discover: "replicas" });
      const codes = await codesOf(issuer, current);
      await issuer.close();
      expect(codes).toEqual(["error replicates_as_user", "error replicates_as_user", "error sentinel_as_user"]);
    });

    it("finds a broken link, and Sentinels that are not listed", async () => {
      const setup = await setUp("app", true);
      track(
        await startSentinel({
          master: { port: setup.master.port, authUser: "app", authPass: passwords.current },
          requirepass: passwords.admin,
        }),
      );
      const root = track(rootOf(setup.replica));
      await root.call("CONFIG", "SET", "masterauth", "wrong");
      await root.call("CLIENT", "KILL", "TYPE", "master");
      const { issuer, current } = await openTarget(setup.master, setup.entry);
      await expect
        .poll(() => codesOf(issuer, current), { timeout: 30_000 })
        .toEqual(["error replica_link_down", "warning masterauth_differs", "error sentinel_unlisted"]);
      await issuer.close();
    });

    it("covers a replica that joins after the issue: it is listed, and the new credential does not pass until it is there too", async () => {
      const setup = await setUp("app", true);
      const entry = { ...setup.entry };
      const opened = await openTarget(setup.master, entry);
      const pending = await issueOf(opened);
      const users = [rootUser, adminUser, defaultUser, `app on >${passwords.current} ~* &* +@all`];
      const late = track(
        await startRedis({
          users,
          replicaOf: { port: setup.master.port, masteruser: "app", masterauth: passwords.current },
        }),
      );
      const root = track(rootOf(late));
      await expect.poll(() => root.info("replication"), { timeout: 30_000 }).toContain("master_link_status:up");

      expect(await opened.issuer.test(pending)).toMatchObject({
        verdict: "unknown",
        code: "nodes_differ",
        sentence: expect.stringContaining(String(late.port)),
      });
      await expect(opened.issuer.disable?.(opened.current.ref)).rejects.toMatchObject({ code: "replication_uses_it" });
      await issueOf(opened);
      expect(await opened.issuer.test(pending)).toMatchObject({ verdict: "accepted" });
      await opened.issuer.disable?.(opened.current.ref);
      await opened.issuer.close();
    });
  },
);
