import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handedInCatalog, oldPair, pairFile, pairIn } from "../engine/handed-in-shop.ts";
import { type Portal, startPortal } from "../rotators/handed-in-key/portal.ts";
import { freePort } from "../servers/port.ts";
import { filesBelow } from "./files.ts";
import { answered, approve, ended, happened, patienceMs, press, request, rootOf, toldToTheEnd } from "./people.ts";
import { openStage, type Stage } from "./stage.ts";

const newPair = { key: "new-consumer-key", secret: "new-consumer-secret-9876543210" };

describe("a value that is handed in", () => {
  let stage: Stage;
  let portal: Portal;
  let file = "";

  beforeAll(async () => {
    portal = await startPortal([[oldPair.key, oldPair.secret]]);
    const port = String(await freePort());
    stage = await openStage({
      env: { KEYTURN_PAGE_PORT: port, KEYTURN_PAGE_URL: `http://127.0.0.1:${port}` },
      catalog: (text) => {
        file = pairFile(text);
        return handedInCatalog(text, portal.url, "dual");
      },
    });
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    await portal?.close();
  });

  /** Presses the button; resolves with the link out of the direct message. */
  const linkFor = async (userId: string, root: Parameters<typeof press>[2]): Promise<string> => {
    const { inspect } = stage.workspace;
    const links = () =>
      direct(userId).flatMap(({ text }) => /http:\/\/127\.0\.0\.1:\d+\/collect\/[\w-]{43}/.exec(text)?.[0] ?? []);
    const before = links().length;
    expect(await press(stage, userId, root, "hand_in")).toContain("in your direct messages");
    await inspect.waitFor(() => links().length > before, patienceMs, "the direct message");
    return links().at(-1) ?? "";
  };
  const direct = (userId: string) =>
    stage.workspace.inspect.messages(`D${userId.slice(1)}`).filter(({ botId }) => botId !== undefined);
  const send = (link: string, { key, secret }: typeof newPair) =>
    fetch(link, { method: "POST", body: new URLSearchParams({ consumer_key: key, consumer_secret: secret }) });

  it("comes over a one-time page from a direct message, and nowhere else; a person confirms the end of the old one", {
    timeout: 180_000,
  }, async () => {
    const { inspect, act } = stage.workspace;
    const id = await request(stage, "pesaflow test because it is time");
    const root = await rootOf(stage, id);
    await approve(stage, id);
    await happened(stage, id, "noted", "collect");

    expect(await press(stage, "U0PRIYA", root, "hand_in")).toContain("only who may ask for this rotation");
    const first = await linkFor("U0LIN", root);
    const link = await linkFor("U0ADA", root);
    expect((await fetch(first)).status).toBe(410);
    expect((await fetch(link, { headers: { "user-agent": "Slackbot-LinkExpanding 1.0" } })).status).toBe(200);

    portal.pairs.set(newPair.key, newPair.secret);
    const both = await Promise.all([send(link, newPair), send(link, newPair)]);
    expect(both.map(({ status }) => String(status)).toSorted()).toEqual(["200", "410"]);
    await happened(stage, id, "step_done", "publish");
    expect(pairIn(file)).toContain(newPair.secret);

    await happened(stage, id, "intended", "confirm");
    portal.pairs.delete(oldPair.key);
    await inspect.waitFor(
      () => JSON.stringify(rootNow(root.ts)).includes("confirm_done"),
      patienceMs,
      "the button to confirm",
    );
    await act.press({ userId: "U0ADA", channelId: root.channelId, ts: root.ts, actionId: "confirm_done" });
    const view = await inspect.waitFor(() => act.openViewsOf("U0ADA").at(-1), patienceMs, "the form");
    const told = await answered(stage, "U0ADA", () =>
      act.submitView({ userId: "U0ADA", viewId: view.id, values: { evidence: "portal lists *one* key, <!channel>" } }),
    );
    expect(told).toContain("your confirmation is recorded");
    expect(await ended(stage, id)).toBe("done");
    const thread = (await toldToTheEnd(stage, root)).join("\n");
    expect(thread).toContain("handed in by");
    expect(thread).toContain("confirmed by");
    expect(thread).toContain("“portal lists ∗one∗ key, @channel”");
    expect(thread).not.toContain("<!channel>");
    expect(thread).toContain("proved: old credential refused");

    await leftNowhere(link);
  });

  const rootNow = (ts: string) =>
    stage.workspace.inspect.messages("C0SUPPORT").find((message) => message.ts === ts)?.blocks;

  async function leftNowhere(link: string): Promise<void> {
    const { inspect } = stage.workspace;
    const calls = JSON.stringify(inspect.apiCalls());
    const rows = await stage.database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'keyturn'", []);
    const tables: string[] = [];
    for (const { tablename } of rows) {
      const all = await stage.database.query(`SELECT t::text AS text FROM keyturn.${String(tablename)} t`, []);
      tables.push(JSON.stringify(all));
    }
    const files = filesBelow(stage.shop.folder).filter(({ path }) => path !== file);
    const places = {
      calls,
      log: stage.log(),
      database: tables.join(""),
      files: files.map(({ bytes }) => bytes).join(""),
    };
    expect(places.calls).toContain(link);
    expect(places.database).toContain(newPair.key);
    const token = link.slice(link.lastIndexOf("/") + 1);
    for (const [place, text] of Object.entries(places)) {
      for (const secret of [newPair.secret, oldPair.secret]) {
        for (const form of [
          secret,
          Buffer.from(secret).toString("base64").replace(/=+$/, ""),
          Buffer.from(secret).toString("hex"),
        ]) {
          expect(text.includes(form), `${place} holds a value`).toBe(false);
        }
      }
      expect(place !== "calls" && text.includes(token), `${place} holds a token`).toBe(false);
    }
    const others = inspect.apiCalls().filter((call) => JSON.stringify(call).includes(token));
    expect(others.map(({ method }) => method)).toEqual(["chat.postMessage"]);
  }
});
