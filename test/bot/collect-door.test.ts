import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { collectFirst } from "../../src/bot/collect-door.ts";
import type { CollectPage, Desk } from "../../src/core/desk.ts";
import { TryLater } from "../../src/core/errors.ts";
import type { Secret } from "../../src/core/secret.ts";
import { keptLog } from "../state/world.ts";

const token = "t".repeat(43);
const canary = "canary-value-8f3a91c27d";
const page: CollectPage = {
  rotationId: "r4f1c09ab21",
  target: "pesaflow <prod>",
  requestedBy: "U0OLIVIA",
  givenTo: "U0ADA",
  fields: [
    { name: "consumer_key", secret: false },
    { name: "consumer_secret", secret: true },
  ],
  expiresAt: "2026-11-21T10:10:00.000Z",
};
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

type Told = { handOver?: Desk["handOver"]; collectPage?: Desk["collectPage"] };

/** The door before a listener that says 418, over a desk with one link that can be used once. */
async function stage(told: Told = {}) {
  const clock = { ms: 0 };
  const log = keptLog();
  const taken: Readonly<Record<string, Secret>>[] = [];
  const looks = { count: 0 };
  const listener = collectFirst((_request, response) => response.writeHead(418).end(), {
    desk: {
      collectPage: async (given) => {
        looks.count += 1;
        if (told.collectPage !== undefined) return told.collectPage(given);
        return given !== token ? undefined : taken.length > 0 ? "gone" : page;
      },
      handOver:
        told.handOver ??
        (async (_token, values) => {
          await Promise.resolve();
          return taken.push(values) === 1;
        }),
    },
    monotonicMs: () => clock.ms,
    log,
  });
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  const origin = `http://127.0.0.1:${String(typeof address === "object" ? (address?.port ?? 0) : 0)}`;
  const url = `${origin}/collect/${token}`;
  const send = (fields: Readonly<Record<string, string>>, to = url) =>
    fetch(to, { method: "POST", body: new URLSearchParams(fields) });
  return { origin, url, send, taken, log, looks, clock };
}

const pair = { consumer_key: "public-half", consumer_secret: canary };

describe("the one-time page", () => {
  it("shows what is asked for, to whom and until when, and stays usable however often it is fetched", async () => {
    const { url, send, taken } = await stage();
    for (const agent of ["Slackbot-LinkExpanding 1.0", "curl/8", "Mozilla/5.0"]) {
      const answer = await fetch(url, { headers: { "user-agent": agent } });
      expect(answer.status).toBe(200);
      const html = await answer.text();
      for (const part of [
        "pesaflow &lt;prod&gt;",
        "U0OLIVIA",
        "U0ADA",
        "2026-11-21 10:10 UTC",
        'name="consumer_secret"',
      ]) {
        expect(html).toContain(part);
      }
      expect(html).not.toMatch(/<script|<link|<img|src=|http/);
    }
    expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
    expect(taken).toEqual([]);
    expect((await send(pair)).status).toBe(200);
  });

  it("is kept nowhere, framed by nobody, and runs nothing", async () => {
    const { url, send, origin } = await stage();
    const answers = [
      await fetch(url),
      await fetch(`${origin}/collect/no`),
      await send({ consumer_key: "x" }),
      await send(pair),
    ];
    for (const { headers } of answers) {
      expect(headers.get("content-security-policy")).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      );
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("set-cookie")).toBeNull();
    }
  });

  it("takes a value once, shows it never, and logs neither it nor the token", async () => {
    const { url, send, taken, log } = await stage();
    const answers = await Promise.all([send(pair), send(pair)]);
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(["200", "410"]);
    const after = await fetch(url);
    expect(after.status).toBe(410);
    const texts = await Promise.all([...answers, after].map((answer) => answer.text()));
    expect(taken[0]?.["consumer_secret"]?.reveal()).toBe(canary);
    const everything = JSON.stringify([texts, log.lines]);
    expect(everything).not.toContain(canary);
    expect(everything).not.toContain(token);
    expect(log.lines.length).toBeGreaterThan(0);
  });

  it("looks the same for a link that was used and one that never was", async () => {
    const { origin, send, url } = await stage();
    await send(pair);
    const used = await fetch(url);
    const unknown = await fetch(`${origin}/collect/${"u".repeat(43)}`);
    expect([used.status, unknown.status]).toEqual([410, 404]);
    expect(await used.text()).toBe(await unknown.text());
    expect((await send(pair, `${origin}/collect/${"u".repeat(43)}`)).status).toBe(404);
  });

  it("leaves out one line end at the end, and keeps those inside", async () => {
    const { send, taken } = await stage();
    await send({ consumer_key: "public-half\r\n", consumer_secret: "line one\r\nline two\r\n\r\n" });
    expect(taken[0]?.["consumer_key"]?.reveal()).toBe("public-half");
    expect(taken[0]?.["consumer_secret"]?.reveal()).toBe("line one\nline two\n");
  });

  it.each([
    ["a field is missing", { consumer_key: canary }, 400],
    ["a field is empty", { consumer_key: canary, consumer_secret: " \r\n" }, 400],
    ["a field is too long", { consumer_key: canary, consumer_secret: "x".repeat(16_385) }, 413],
    ["the whole is too long", { consumer_key: canary, consumer_secret: "x".repeat(200_000) }, 413],
  ])("uses nothing up when %s, and shows nothing of what was sent", async (_what, fields, status) => {
    const { send, taken } = await stage();
    const answer = await send(fields);
    expect(answer.status).toBe(status);
    const html = await answer.text();
    expect(html).toContain("Not taken");
    expect(html).not.toContain(canary);
    expect(taken).toEqual([]);
    expect((await send(pair)).status).toBe(200);
  });

  it("keeps the link while it cannot be known who may hand in", async () => {
    const { send } = await stage({
      handOver: () => Promise.reject(new TryLater("slack_away", `slack is away, ${canary}`)),
    });
    const answer = await send(pair);
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain(canary);
  });

  it("asks the database for nobody who tries tokens, and for few who are many", async () => {
    const { origin, looks, clock } = await stage();
    await fetch(`${origin}/collect/${"%00".repeat(10)}`);
    await fetch(`${origin}/collect/`);
    expect(looks.count).toBe(0);
    const many = await Promise.all(
      Array.from({ length: 60 }, () => fetch(`${origin}/collect/${"u".repeat(43)}`).then(({ status }) => status)),
    );
    expect(many.filter((status) => status === 429).length).toBeGreaterThan(10);
    expect(looks.count).toBeLessThan(41);
    clock.ms += 1_000;
    expect((await fetch(`${origin}/collect/${"u".repeat(43)}`)).status).toBe(404);
  });

  it("leaves every other path to the listener behind it, and other methods to nobody", async () => {
    const { origin, url } = await stage();
    expect((await fetch(`${origin}/slack/events`, { method: "POST" })).status).toBe(418);
    expect((await fetch(url, { method: "PUT" })).status).toBe(405);
  });
});
