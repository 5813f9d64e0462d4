import type { Missing, Settings } from "./config.ts";

/**
 * Where people reach the page on which values are handed in, and the loopback port it is served on in Socket Mode. Undefined:
 * there is none, and a plan that needs it is refused. What is wrong is added to `missing`.
 */
export function readPage(
  { text, port }: { readonly text: string | undefined; readonly port: string | undefined },
  mode: "socket" | "http",
  missing: Missing[],
): Settings["page"] {
  if (text === undefined && port === undefined) {
    return undefined;
  }
  const url = text === undefined ? undefined : pageUrl(text);
  if (url === undefined) {
    missing.push({
      name: "KEYTURN_PAGE_URL",
      sentence: text === undefined ? "KEYTURN_PAGE_URL is not set" : "KEYTURN_PAGE_URL is no address for the page",
      hint: "an https address without query and user info that leads to the bot, such as https://keyturn.example.com; http only for loopback",
    });
    return undefined;
  }
  if (mode === "http") {
    return { url, port: undefined };
  }
  const number = Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    missing.push({
      name: "KEYTURN_PAGE_PORT",
      sentence: port === undefined ? "KEYTURN_PAGE_PORT is not set" : `KEYTURN_PAGE_PORT is "${port}"`,
      hint: "in Socket Mode the page has a port of its own on loopback, behind whatever ends TLS for KEYTURN_PAGE_URL",
    });
    return undefined;
  }
  return { url, port: number };
}

function pageUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    return undefined;
  }
  const loopback = ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && loopback) ? url.href.replace(/\/+$/, "") : undefined;
}
