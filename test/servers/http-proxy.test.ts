import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type HttpProxy, startHttpProxy } from "./http-proxy.ts";

const seen: string[] = [];
const server = createServer((request, response) => {
  seen.push(`${request.method ?? ""} ${request.url ?? ""} ${String(request.headers["x-api-key"] ?? "")}`);
  response.writeHead(request.url?.startsWith("/no") === true ? 401 : 200, { "content-type": "text/plain" }).end("said");
});
let proxy: HttpProxy;

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  proxy = await startHttpProxy([{ id: "one", url: `http://127.0.0.1:${port}` }]);
});
afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  server.close();
});

it("passes requests on as they are, and counts them without their query", async () => {
  const asked = await fetch(`${proxy.urlOf("one")}/no?token=x`, { headers: { "x-api-key": "key" } });
  const posted = await fetch(`${proxy.urlOf("one")}/login`, { method: "POST", body: "{}" });
  expect([asked.status, await posted.text()]).toEqual([401, "said"]);
  expect(proxy.requests()).toEqual([{ text: "GET /no one" }, { text: "POST /login one" }]);
  expect(seen).toEqual(["GET /no?token=x key", "POST /login "]);
  expect(() => proxy.urlOf("two")).toThrow("two is not behind the proxy");
});

it("tells as whom a request was made, and how it was answered", async () => {
  const replies: unknown[] = [];
  const off = proxy.onReply((reply) => {
    replies.push(reply);
    return "forward";
  });
  await fetch(`${proxy.urlOf("one")}/no`, { method: "PUT", body: "{}", headers: { authorization: "Bearer x" } });
  off();
  expect(replies).toEqual([{ text: "PUT /no one", authorization: "Bearer x", status: 401 }]);
});

it("a request that is dropped never arrives; an answer that is dropped is known to nobody", async () => {
  seen.length = 0;
  const off = proxy.onCommand(({ text }) => (text === "GET /a one" ? "drop" : "forward"));
  await expect(fetch(`${proxy.urlOf("one")}/a`)).rejects.toThrow();
  off();
  expect(seen).toEqual([]);
  const away = proxy.onReply(() => "drop");
  await expect(fetch(`${proxy.urlOf("one")}/b`)).rejects.toThrow();
  away();
  expect(seen).toEqual(["GET /b "]);
  expect((await fetch(`${proxy.urlOf("one")}/c`)).status).toBe(200);
});
