import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { headlineOf } from "../../src/core/headline.ts";
import { rootUser } from "../rotators/redis-acl/world.ts";
import { type Postgres, startPostgres } from "../servers/postgres.ts";
import { type Redis, startRedis } from "../servers/redis.ts";
import { canariesIn, everyRow, formsOf, sealedValues } from "./canary.ts";
import type { Mode } from "./light-shop.ts";
import { report, tell } from "./story.ts";

let postgres: Postgres;
let redis: Redis;
beforeAll(async () => {
  postgres = await startPostgres({ version: 18, config: ["log_statement = 'all'"] });
  redis = await startRedis({ users: [rootUser, "default off"] });
});
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

describe.concurrent("no secret in what a rotation leaves behind", { timeout: 180_000 }, () => {
  it.each([
    ["dual", "done"],
    ["dual", "rolled_back"],
    ["two passwords", "done"],
    ["two users", "rolled_back"],
  ] as const)("%s, %s: journal, audit, every column, log lines, headline and sentences", async (mode: Mode, status) => {
    const story = await tell({ server: mode === "dual" ? postgres : redis, mode });
    const lines: string[] = [];
    const keep = (fields: unknown, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
    const log = { info: keep, warn: keep };
    const id = await story.request();
    const turned = await story.drive(id, { after: "verify", log });
    const secrets = [...(await sealedValues(story.state, id)), story.adminPassword];
    const during = await everyRow(story.database);
    if (status === "rolled_back") await story.press(id, "roll-back");
    const rotation = await story.drive(id, { log });
    const after = await everyRow(story.database);
    const said = JSON.stringify([turned, rotation, headlineOf(rotation), await story.events(id)]);

    expect(rotation.ended?.status, report(rotation)).toBe(status);
    expect(secrets.length).toBeGreaterThanOrEqual(5);
    expect(secrets).toContain(story.firstPassword);
    expect(canariesIn(during, secrets)).toEqual([]);
    expect(canariesIn(after, secrets)).toEqual([]);
    expect(canariesIn(said, secrets)).toEqual([]);
    expect(canariesIn(lines.join("\n"), secrets)).toEqual([]);
    expect(canariesIn(during, [id])).toContain("plain of value 0");
    expect(await sealedValues(story.state, id)).toEqual([]);
    if (mode === "dual") {
      const server = postgres.logText().replaceAll(/CREATE ROLE .* PASSWORD '[^']*'/g, "");
      expect(server).toContain("ALTER ROLE");
      const plain = secrets.filter((secret) => !secret.startsWith("SCRAM-SHA-256$"));
      expect(plain.length).toBe(secrets.length - 1);
      expect(canariesIn(server, plain)).toEqual([]);
    }
    await story.end();
  });

  it("the search finds a canary in every form", () => {
    const secret = "Canary/of+the=search?1";
    for (const [name, form] of formsOf(secret)) {
      expect(canariesIn(`before ${form} after`, [secret]), name).toContain(`${name} of value 0`);
    }
    for (const shift of [0, 1, 2, 3, 4]) {
      const text = Buffer.from(`${"y".repeat(shift)}${secret}zz`).toString("base64");
      expect(canariesIn(text, [secret]), String(shift)).not.toEqual([]);
    }
  });
});
