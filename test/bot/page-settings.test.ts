import { describe, expect, it } from "vitest";
import type { Missing } from "../../src/bot/config.ts";
import { readPage } from "../../src/bot/page-settings.ts";

function read(mode: "socket" | "http", env: Readonly<Record<string, string>>) {
  const missing: Missing[] = [];
  const { KEYTURN_PAGE_URL: text, KEYTURN_PAGE_PORT: port } = env;
  return { page: readPage({ text, port }, mode, missing), missing: missing.map(({ name }) => name) };
}

describe("where the page for handing in is", () => {
  it.each([
    ["socket", {}, undefined],
    [
      "socket",
      { KEYTURN_PAGE_URL: "https://k.example/", KEYTURN_PAGE_PORT: "8081" },
      { url: "https://k.example", port: 8081 },
    ],
    [
      "socket",
      { KEYTURN_PAGE_URL: "http://127.0.0.1:8081", KEYTURN_PAGE_PORT: "8081" },
      { url: "http://127.0.0.1:8081", port: 8081 },
    ],
    ["http", { KEYTURN_PAGE_URL: "https://k.example/keyturn" }, { url: "https://k.example/keyturn", port: undefined }],
  ] as const)("%s, %j", (mode, env, page) => {
    expect(read(mode, env)).toEqual({ page, missing: [] });
  });

  it.each([
    [
      "plain http on a network",
      "socket",
      { KEYTURN_PAGE_URL: "http://k.example", KEYTURN_PAGE_PORT: "1" },
      "KEYTURN_PAGE_URL",
    ],
    ["a password in it", "http", { KEYTURN_PAGE_URL: "https://a:b@k.example" }, "KEYTURN_PAGE_URL"],
    ["a query", "http", { KEYTURN_PAGE_URL: "https://k.example/?a=b" }, "KEYTURN_PAGE_URL"],
    ["no address", "socket", { KEYTURN_PAGE_PORT: "8081" }, "KEYTURN_PAGE_URL"],
    ["no port in Socket Mode", "socket", { KEYTURN_PAGE_URL: "https://k.example" }, "KEYTURN_PAGE_PORT"],
    [
      "a port that is none",
      "socket",
      { KEYTURN_PAGE_URL: "https://k.example", KEYTURN_PAGE_PORT: "x" },
      "KEYTURN_PAGE_PORT",
    ],
  ] as const)("is refused with %s", (_what, mode, env, name) => {
    expect(read(mode, env)).toEqual({ page: undefined, missing: [name] });
  });
});
