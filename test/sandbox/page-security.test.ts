import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Pair, startPair } from "./app.ts";

let pair: Pair;
let port: number;

beforeAll(async () => {
  pair = await startPair();
  port = Number(new URL(pair.workspace.url).port);
});
afterAll(() => pair[Symbol.asyncDispose]());

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: string;
}

/** A raw request, because fetch sets Host and Origin itself. */
function send(path: string, headers: Record<string, string> = {}, method = "GET", body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}

async function login(): Promise<string> {
  const { pathname, search } = new URL(pair.workspace.pageUrl);
  const answer = await send(pathname + search);
  expect(answer).toMatchObject({ status: 303, headers: { location: "/" } });
  const [cookie = ""] = answer.headers["set-cookie"] ?? [];
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  return cookie.split(";")[0] ?? "";
}

describe("the page", () => {
  it("opens with the token once and with the cookie afterwards, and not without", async () => {
    for (const path of [
      "/",
      "/page/main.js",
      "/page/state",
      "/page/events",
      "/?token=wrong",
      "/archives/C0SUPPORT/p1",
    ]) {
      expect([path, (await send(path)).status]).toEqual([path, 401]);
    }
    const cookie = await login();
    const page = await send("/", { cookie });
    expect(page.status).toBe(200);
    expect(page.body).toContain("<title>Workspace</title>");
    expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self';/);
    expect((await send("/", { cookie: `${cookie}x` })).status).toBe(401);
  });

  it("lets nobody act without the cookie", async () => {
    const input = JSON.stringify({ userId: "U0ADA", channelId: "C0SUPPORT", text: "hello from outside" });
    expect((await send("/act/say", {}, "POST", input)).status).toBe(401);
    const cookie = await login();
    expect((await send("/act/say", { cookie }, "POST", input)).status).toBe(200);
    expect((await send("/act/editUser", { cookie }, "POST", input)).status).toBe(404);
    expect((await send("/act/say", { cookie }, "POST", "{}")).body).toContain("not valid");
    const texts = pair.workspace.inspect.messages("C0SUPPORT").map(({ text }) => text);
    expect(texts.filter((text) => text === "hello from outside")).toHaveLength(1);
  });

  it("serves its own files only", async () => {
    const cookie = await login();
    for (const path of [
      "/page/../server.ts",
      "/page/..%2fserver.ts",
      "/page/%2e%2e/server.ts",
      "/page/server.ts",
      "/server.ts",
    ]) {
      expect([path, (await send(path, { cookie })).status]).toEqual([path, 404]);
    }
  });

  it("shows a person's own ephemeral messages only", async () => {
    await pair.app.client.chat.postEphemeral({ channel: "C0SUPPORT", user: "U0LIN", text: "for Lin alone" });
    const cookie = await login();
    const seenBy = async (user: string) => (await send(`/page/state?user=${user}&channel=C0SUPPORT`, { cookie })).body;
    expect(await seenBy("U0LIN")).toContain("for Lin alone");
    expect(await seenBy("U0ADA")).not.toContain("for Lin alone");
    expect(await seenBy("U0GUEST")).not.toContain("security-ops");
  });
});

describe("every address of the workspace", () => {
  const paths = ["/", "/api/auth.test", "/hook/x", "/page/events", "/act/say"];

  it("refuses another Host, so that a name which points here reaches nothing", async () => {
    for (const path of paths) {
      const answer = await send(path, { host: `evil.example:${port}` });
      expect([path, answer.status]).toEqual([path, 403]);
    }
  });

  it("refuses another Origin, so that a page elsewhere reaches nothing", async () => {
    const cookie = await login();
    for (const path of paths) {
      const answer = await send(path, { cookie, origin: "http://evil.example" });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    const own = await send("/", { cookie, origin: `http://127.0.0.1:${port}` });
    expect(own.status).toBe(200);
  });

  it("refuses a WebSocket from another Origin", async () => {
    const { url } = await pair.app.client.apps.connections.open({ token: pair.workspace.appToken });
    const { pathname, search } = new URL(url ?? "");
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      origin: "http://evil.example",
    };
    expect((await send(pathname + search, headers)).status).toBe(403);
  });

  it("is on loopback", () => {
    expect(new URL(pair.workspace.url).hostname).toBe("127.0.0.1");
  });
});
