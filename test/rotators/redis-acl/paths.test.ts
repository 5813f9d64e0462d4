import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { redisAcl } from "../../../src/rotators/redis-acl/rotator.ts";
import { needs } from "../../servers/need.ts";
import { serverFolder, writeServerFile } from "../../servers/own-folder.ts";
import { freePort } from "../../servers/port.ts";
import { startRedis } from "../../servers/redis.ts";
import { adminUser, appUser, codesOf, issueOf, openTarget } from "./target.ts";
import { alphabet, defaultUser, fields, passwords, rootOf, rootUser } from "./world.ts";

const users = [rootUser, defaultUser, adminUser, appUser];

needs("redis-server")("the paths of redis-acl", () => {
  it("rotates every node of a cluster that it finds through one of them", async () => {
    const config = ["cluster-enabled yes"];
    await using first = await startRedis({ aclFile: true, users, config });
    await using second = await startRedis({ aclFile: true, users, config });
    const root = rootOf(first);
    await root.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    const early = await openTarget(first, { discover: "cluster" });
    await root.call("CLUSTER", "MEET", "127.0.0.1", String(second.port));
    await expect
      .poll(() => root.call("CLUSTER", "NODES").then(String), { timeout: 30_000 })
      .toMatch(new RegExp(`:${second.port}@\\S+ master`));
    for (const server of [first, second]) {
      const seen = rootOf(server);
      await expect
        .poll(() => seen.call("CLUSTER", "INFO").then(String), { timeout: 30_000 })
        .toContain("cluster_state:ok");
      seen.disconnect();
    }
    expect(await codesOf(early.issuer, early.current)).toEqual([]);

    const pending = await issueOf(early);
    await early.issuer.revoke(early.current.ref);
    await early.issuer.close();

    const alone = await openTarget(second);
    expect(await alone.issuer.test(pending)).toMatchObject({ verdict: "accepted" });
    expect(await alone.issuer.test(early.current)).toMatchObject({ verdict: "refused" });
    await alone.issuer.close();
    root.disconnect();
  });

  it("speaks TLS with the given authority only", async () => {
    const folder = serverFolder("tls");
    const at = (name: string): string => join(folder, name);
    const subject = ["-subj", "/CN=redis.test", "-addext", "subjectAltName=DNS:redis.test"];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        at("k"),
        "-out",
        at("c"),
        "-days",
        "2",
        ...subject,
      ],
      { stdio: "ignore" },
    );
    const [key = "", cert = ""] = ["k", "c"].map((name) =>
      writeServerFile(folder, `${name}.pem`, [readFileSync(at(name), "utf8")]),
    );
    const tlsPort = await freePort();
    const config = [`tls-port ${tlsPort}`, `tls-cert-file ${cert}`, `tls-key-file ${key}`, "tls-auth-clients no"];
    await using _redis = await startRedis({ aclFile: true, users, config });
    const bind = (tls: object): ReturnType<typeof redisAcl.bind> =>
      redisAcl.bind({
        kind: "redis-acl",
        url: `rediss://127.0.0.1:${tlsPort}`,
        admin: { username: "keyturn", password: "env:REDIS_ADMIN" },
        user: "app",
        tls,
      });
    const context = {
      session: { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined },
      signal: new AbortController().signal,
      resolve: async (name: string) =>
        new Secret(name === "file:ca.pem" ? readFileSync(at("c"), "utf8") : passwords.admin),
    };

    const issuer = await bind({ ca: "file:ca.pem", servername: "redis.test" }).open(context);
    const current = await issuer.identify(fields("app", passwords.current));
    expect(await issuer.test(current)).toMatchObject({ verdict: "accepted" });
    expect((await issuer.propose?.({ rotationId: "r1", current, alphabet }))?.ref.principal).toBe("app");
    await issuer.close();
    await expect(bind({ servername: "redis.test" }).open(context)).rejects.toMatchObject({ code: "unreachable" });
    await expect(bind({ ca: "file:ca.pem", servername: "other.test" }).open(context)).rejects.toMatchObject({
      code: "unreachable",
    });
  });

  it("makes passwords of at least 160 bits from whatever alphabet it is given, and refuses one that is too small", async () => {
    await using redis = await startRedis({ users });
    const { issuer, current } = await openTarget(redis);
    const make = async (letters: string): Promise<string> =>
      (await issuer.propose?.({ rotationId: "r1", current, alphabet: letters }))?.secret["password"]?.reveal() ?? "";
    expect(await make(alphabet)).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(await make("0123456789")).toMatch(/^\d{49}$/);
    await expect(make("aaaaaaaaaaab")).rejects.toMatchObject({ code: "alphabet" });
    await issuer.close();
  });

  it("says which login was refused, and which server is not there", async () => {
    await using redis = await startRedis({ users });
    await rootOf(redis).call("ACL", "SETUSER", "keyturn", "resetpass");
    await expect(openTarget(redis)).rejects.toMatchObject({
      code: "admin_refused",
      hint: expect.stringContaining("env:REDIS_ADMIN"),
    });
    await redis.stop();
    await expect(openTarget(redis)).rejects.toMatchObject({ code: "unreachable", hint: "ECONNREFUSED" });
  });
});
