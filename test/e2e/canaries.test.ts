import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect, it } from "vitest";
import { needs } from "../servers/need.ts";
import { startPostgres } from "../servers/postgres.ts";
import { startRedis } from "../servers/redis.ts";
import { foundIn } from "./encodings.ts";
import { filesBelow } from "./files.ts";
import { approve, ended, request, rootOf, toldToTheEnd } from "./people.ts";
import { watchChildren } from "./processes.ts";
import { openStage } from "./stage.ts";

needs("redis-server")("the secrets of a whole rotation", () => {
  it("stand in no log, message, database, queue, file, argument or environment, in no encoding", {
    timeout: 240_000,
  }, async () => {
    await using state = await startPostgres({ version: 18, createDatabases: ["keyturn_state"] });
    await using issuer = await startPostgres({ version: 18, logStatements: true });
    const queuePassword = `queue-password-${randomBytes(12).toString("hex")}`;
    await using redis = await startRedis({ requirepass: queuePassword, config: ["rdbcompression no"] });
    const tokens = { botToken: `xoxb-${canary()}`, appToken: `xapp-1-${canary()}` };
    const statePassword = `state-password-${canary()}`;
    await state.query(`CREATE ROLE keyturn_bot LOGIN PASSWORD '${statePassword}'`);
    await state.query("ALTER DATABASE keyturn_state OWNER TO keyturn_bot");
    const url = state.urlFor({ user: "keyturn_bot", password: statePassword, database: "keyturn_state" });
    await using stage = await openStage({
      bots: 0,
      database: {
        url,
        name: "keyturn_state",
        server: state,
        query: (sql, parameters) => state.query(sql, parameters, "keyturn_state"),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
      shop: { server: issuer },
      workspace: tokens,
      catalog: (text) => text.replaceAll("/usr/bin/touch", "spying-touch"),
    });
    const { folder } = stage.shop;
    const programs = join(folder, "programs");
    const temporary = join(folder, "temporary");
    mkdirSync(programs, { mode: 0o755 });
    mkdirSync(temporary);
    const spied = join(folder, "spied");
    const spy = join(programs, "spying-touch");
    writeFileSync(spy, `#!/bin/sh\ncat /proc/$$/cmdline /proc/$$/environ >> ${spied}\n/usr/bin/touch "$1"\n`);
    chmodSync(spy, 0o755);
    const catalog = readFileSync(stage.catalogFile, "utf8").replaceAll("spying-touch", spy);
    writeFileSync(stage.catalogFile, catalog, { mode: 0o600 });
    const loggedBefore = issuer.logText().length;
    const client = new Redis(redis.url);
    const monitor = await client.monitor();
    const commands: string[] = [];
    monitor.on("monitor", (_time: string, args: readonly string[]) => commands.push(args.join(" ")));

    const bot = await stage.start({
      QUEUE_URL: redis.url,
      KEYTURN_COMMANDS: `/usr/bin:${programs}`,
      TMPDIR: temporary,
    });
    const children = watchChildren([bot.pid]);
    const firstUrl = await stage.shop.url();
    const id = await request(stage, "postgres test because it is time");
    const root = await rootOf(stage, id);
    await approve(stage, id);
    expect(await ended(stage, id)).toBe("done");
    await toldToTheEnd(stage, root);
    const family = children.stop();
    await state.query("CHECKPOINT");
    await client.save();
    client.disconnect();
    monitor.disconnect();
    const newPassword = new URL(await stage.shop.url()).password;
    expect(newPassword).not.toBe(new URL(firstUrl).password);

    const secrets = new Map<string, string | Buffer>([
      ["administrator's password", stage.shop.adminPassword],
      ["first password", stage.shop.firstPassword],
      ["new password", decodeURIComponent(newPassword)],
      ["seal key", Buffer.from(stage.sealKey, "base64")],
      ["seal key as it is written", stage.sealKey],
      ["bot token", tokens.botToken],
      ["app token", tokens.appToken],
      ["password of the database", statePassword],
      ["password of the queue", queuePassword],
    ]);
    const { inspect } = stage.workspace;
    const { channelId, ts } = root;
    const slack = [inspect.apiCalls(), inspect.thread(channelId, ts), inspect.ephemerals("U0OLIVIA")];
    const places = new Map<string, Buffer | string>([
      ["the bot's log", stage.log()],
      ["what Slack was sent", JSON.stringify(slack)],
      ["the issuer's log", issuer.logText().slice(loggedBefore)],
      ["what the queue was told", commands.join("\n")],
      ["what children could see", family],
      ["what a reload command could see", readFileSync(spied)],
      ...filesBelow(state.dataFolder).map(({ path, bytes }) => [path, bytes] as const),
      ...filesBelow(redis.folder)
        .filter(({ path }) => path.endsWith(".rdb"))
        .map(({ path, bytes }) => [path, bytes] as const),
      ...filesBelow(folder).map(({ path, bytes }) => [path, bytes] as const),
    ]);
    const hits = [...places].flatMap(([place, bytes]) => foundIn(bytes, secrets).map((name) => `${name} in ${place}`));
    expect(hits.toSorted()).toEqual([`new password in ${join(folder, ".env")}`]);

    // Each place holds what it ought to, so that an empty one does not pass.
    expect(issuer.logText().slice(loggedBefore)).toMatch(/ALTER ROLE .*SCRAM-SHA-256\$/);
    expect(commands.join("\n")).toContain(id);
    expect(family).toContain("/usr/bin/cat");
    expect(readFileSync(spied, "utf8")).toContain(".reload");
    expect([...places.keys()].filter((path) => path.includes("/pg_wal/")).length).toBeGreaterThan(0);
    expect([...places].some(([path, bytes]) => path.includes("/base/") && bytes.includes(id))).toBe(true);
    expect([...places.keys()].filter((path) => path.endsWith(".rdb"))).toHaveLength(1);
  });
});

function canary(): string {
  return randomBytes(18).toString("hex");
}
