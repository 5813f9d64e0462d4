import type { CheckScope } from "../../core/ports.ts";
import type { Answer, Question } from "../../process/ask.ts";
import type { Login } from "./config.ts";

/** A request as the configuration has it; texts in `headers` and `body` may hold references. */
export type Asked = Pick<Login, "method" | "headers"> & { readonly url: string; readonly body?: Login["body"] };

/** Sends one request to where its URL says, and never a second one. */
export type Ask = (question: Question) => Promise<Answer>;

type Resolve = CheckScope["resolve"];

const mostRedirects = 5;

/** `elsewhere`: it answered with a redirect to that host, which was not followed, because credentials stay with their host. */
export type Fetched = { readonly answer: Answer; readonly elsewhere: string | undefined };

/** Sends a request with its references filled in, and follows redirects that stay at the same scheme, host and port. */
export async function fetchOnce(
  asked: Asked,
  extra: Readonly<Record<string, string>>,
  resolve: Resolve,
  timeoutMs: number,
  ask: Ask,
): Promise<Fetched> {
  const json = typeof asked.body === "object" ? { "content-type": "application/json" } : {};
  const filled = await filledIn(asked.headers, resolve);
  const headers = { ...json, ...extra, ...lowerCase(filled) };
  let body = asked.body === undefined ? undefined : await bodyOf(asked.body, resolve);
  let { url, method }: { url: string; method: string } = asked;
  for (let followed = 0; ; followed += 1) {
    const answer = await ask({ url, method, headers, body, timeoutMs });
    const [location] = answer.headers.get("location") ?? [];
    if (answer.status < 300 || answer.status > 399 || location === undefined || followed === mostRedirects) {
      return { answer, elsewhere: undefined };
    }
    const next = new URL(location, url);
    if (next.origin !== new URL(asked.url).origin) return { answer, elsewhere: next.host };
    url = next.href;
    if (answer.status !== 307 && answer.status !== 308 && method !== "HEAD") {
      method = "GET";
      body = undefined;
    }
  }
}

async function filledIn(
  texts: Readonly<Record<string, string>>,
  resolve: Resolve,
): Promise<Readonly<Record<string, string>>> {
  const pairs = Object.entries(texts).map(async ([name, text]) => [name, await fill(text, resolve)] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

async function bodyOf(body: NonNullable<Login["body"]>, resolve: Resolve): Promise<string> {
  if (typeof body === "string") return await fill(body, resolve);
  return JSON.stringify(await fillLeaves(body, resolve));
}

async function fillLeaves(value: unknown, resolve: Resolve): Promise<unknown> {
  if (typeof value === "string") return await fill(value, resolve);
  if (Array.isArray(value)) return await Promise.all(value.map((item: unknown) => fillLeaves(item, resolve)));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(async ([name, item]) => [name, await fillLeaves(item, resolve)] as const);
  return Object.fromEntries(await Promise.all(members));
}

/** Only what looks like a reference or a template is handed to the caller; everything else is sent as it is written. */
async function fill(text: string, resolve: Resolve): Promise<string> {
  return /^(?:env|file):|\{\{/.test(text) ? (await resolve(text)).reveal() : text;
}

function lowerCase(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
