import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Use } from "../../../src/core/ports.ts";
import { needs } from "../../servers/need.ts";
import { startRedis } from "../../servers/redis.ts";
import { adminUser, appUser, issueOf, openTarget } from "./target.ts";
import { clientOf, defaultUser, fields, passwords, rootOf, rootUser, stayConnected } from "./world.ts";

const users = [rootUser, defaultUser, adminUser, appUser, "app_b off ~* &* +@all -@dangerous"];
const present = fields("app", passwords.current);

needs("redis-server")("who still uses the old password of a Redis user", () => {
  it("is certain for a session clearly older than the new password, possible for one that is not or when there is a third", async () => {
    await using redis = await startRedis({ aclFile: true, users });
    const session = await stayConnected(redis, present);
    await session.client.client("SETNAME", "billing");
    const opened = await openTarget(redis);
    const pending = await issueOf(opened);
    const usage = async (sinceMs: number): Promise<readonly Use[]> =>
      (await opened.issuer.usage?.(opened.current.ref, { ref: pending.ref, since: new Date(sinceMs).toISOString() })) ??
      [];
    const [use] = await usage(Date.now() + 60_000);
    const begunMs = Date.parse(use?.since ?? "");

    expect(use).toMatchObject({ certainty: "certain", client: "billing", address: "127.0.0.1" });
    expect(await usage(begunMs + 3001)).toMatchObject([{ certainty: "certain" }]);
    expect(await usage(begunMs + 999)).toMatchObject([{ certainty: "possible" }]);
    expect(await usage(begunMs)).toMatchObject([{ certainty: "possible" }]);
    expect(await usage(begunMs - 2001)).toEqual([]);
    await rootOf(redis).call("ACL", "SETUSER", "app", ">third");
    expect(await usage(begunMs + 10_000)).toMatchObject([{ certainty: "possible" }]);
    await session.close();
    await opened.issuer.close();
  });

  it("is certain where two users take turns, whatever its age", async () => {
    await using redis = await startRedis({ aclFile: true, users });
    const opened = await openTarget(redis, { users: ["app", "app_b"] });
    const pending = await issueOf(opened);
    const session = await stayConnected(redis, present);
    const other = { ref: pending.ref, since: new Date(Date.now() - 60_000).toISOString() };
    expect(await opened.issuer.usage?.(opened.current.ref, other)).toMatchObject([{ certainty: "certain" }]);
    expect(await opened.issuer.usage?.(pending.ref, undefined)).toEqual([]);
    await session.close();
    await opened.issuer.close();
  });

  it("goes on working with the password taken away, is closed by its id alone, and is then refused", async () => {
    await using redis = await startRedis({ aclFile: true, users });
    const late = await stayConnected(redis, present);
    const neighbour = await stayConnected(redis, fields("root", "Canary-of-root-0"));
    const opened = await openTarget(redis);
    const pending = await issueOf(opened);
    await opened.issuer.disable?.(opened.current.ref);
    expect(await late.client.ping()).toBe("PONG");

    const other = { ref: pending.ref, since: new Date(Date.now() + 5000).toISOString() };
    const [use] = (await opened.issuer.usage?.(opened.current.ref, other)) ?? [];
    const ended = new Promise((resolve) => late.client.once("end", resolve));
    await opened.issuer.closeSession?.((use?.id ?? "").replace(/ \S+ app$/, " 10.0.0.1:1 app"));
    expect(await late.client.ping()).toBe("PONG");
    await opened.issuer.closeSession?.(use?.id ?? "");
    await ended;

    expect(await neighbour.client.ping()).toBe("PONG");
    await expect(clientOf(redis.urlFor("app", passwords.current)).ping()).rejects.toThrow();
    await neighbour.close();
    await opened.issuer.close();
  });

  it("tells who was refused since then, with address and number, and of this user only", async () => {
    await using redis = await startRedis({ aclFile: true, users });
    const opened = await openTarget(redis);
    await clientOf(redis.urlFor("app", "before"))
      .ping()
      .catch(() => undefined);
    await sleep(1100);
    const since = new Date().toISOString();
    expect(await opened.issuer.refusals?.(opened.current.ref, since)).toEqual([]);

    for (const word of ["one", "two"])
      await clientOf(redis.urlFor("app", word))
        .ping()
        .catch(() => undefined);
    await clientOf(redis.urlFor("nobody", "three"))
      .ping()
      .catch(() => undefined);
    const refusals = await opened.issuer.refusals?.(opened.current.ref, since);
    expect(refusals).toMatchObject([{ address: "127.0.0.1", client: "" }]);
    expect(refusals?.[0]?.count).toBeGreaterThanOrEqual(2);
    await opened.issuer.close();
  });

  it("does not take a user without a password for proof of anything", async () => {
    await using redis = await startRedis({ aclFile: true, users });
    const opened = await openTarget(redis);
    await rootOf(redis).call("ACL", "SETUSER", "app", "nopass");
    expect(await opened.issuer.test(opened.current)).toMatchObject({ verdict: "unknown", code: "nopass" });
    await expect(issueOf(opened)).rejects.toMatchObject({ code: "user_nopass" });
    await opened.issuer.close();
  });

  it("accepts a user who may log in and nothing else", async () => {
    await using redis = await startRedis({
      aclFile: true,
      users: [rootUser, defaultUser, adminUser, `app on >${passwords.current} -@all`],
    });
    const opened = await openTarget(redis);
    expect(await opened.issuer.test(opened.current)).toMatchObject({ verdict: "accepted" });
    expect(await opened.issuer.usage?.(opened.current.ref, undefined)).toEqual([]);
    await opened.issuer.close();
  });
});
