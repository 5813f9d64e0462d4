import { KeyturnError } from "../../core/errors.ts";
import { atPath } from "../../core/json-path.ts";
import type { CheckScope } from "../../core/ports.ts";
import { signatureOf } from "../../core/signature.ts";
import type { Answer } from "../../process/ask.ts";
import type { Look } from "../looks.ts";
import type { Config, Login, Wanted } from "./config.ts";
import { type Ask, fetchOnce } from "./fetch.ts";
import { newNonce, staleParts, withNonce } from "./fresh.ts";

/** The whole check of one host: both URLs are there. */
export type Asked = Pick<Config, "method" | "headers" | "body" | "expect" | "fresh" | "timeout"> & {
  readonly url: string;
  readonly login?: Omit<Login, "url" | "path"> & { readonly url: string };
};

/**
 * Logs in where the check says so, asks once, and compares. "status", a path of the answer, "login", "redirect" and "fresh ..."
 * are what can fail.
 *
 * @throws TryLater when nobody answers
 */
export async function look(asked: Asked, scope: CheckScope, ask: Ask): Promise<Look> {
  const { pathname } = new URL(asked.url);
  const extra = asked.login === undefined ? {} : await logIn(asked.login, asked.timeout, scope, ask);
  if (typeof extra === "string") return { failed: ["login"], summary: `login ${extra}` };
  const nonce = newNonce();
  const { answer, elsewhere } = await fetchOnce(withNonce(asked, nonce), extra, scope.resolve, asked.timeout, ask);
  if (elsewhere !== undefined) {
    return { failed: ["redirect"], summary: `${pathname} redirects to another host, ${elsewhere}` };
  }
  const compared = compare(asked, pathname, answer);
  const document = asked.fresh?.echo === undefined && asked.fresh?.at === undefined ? undefined : parse(answer);
  const stale = asked.fresh === undefined ? [] : staleParts(asked.fresh, answer, document, nonce, scope);
  return {
    failed: [...compared.failed, ...stale.map((part) => `fresh ${part}`)],
    summary: [compared.summary, ...(stale.length === 0 ? [] : [`may come from a cache (${stale.join(", ")})`])].join(
      " ",
    ),
  };
}

/** The headers that carry what the login gave, or why there are none. */
async function logIn(
  login: NonNullable<Asked["login"]>,
  timeoutMs: number,
  scope: CheckScope,
  ask: Ask,
): Promise<Readonly<Record<string, string>> | string> {
  const { answer, elsewhere } = await fetchOnce(login, {}, scope.resolve, timeoutMs, ask);
  if (elsewhere !== undefined && !login.cookie) return `redirects to another host, ${elsewhere}`;
  if (answer.status >= 400) return `answered ${answer.status}`;
  const cookies = (answer.headers.get("set-cookie") ?? []).map((cookie) => cookie.split(";")[0] ?? "");
  if (login.cookie && cookies.length === 0) return "gave no cookie";
  const cookie = login.cookie ? { cookie: cookies.join("; ") } : {};
  if (login.token === undefined) return cookie;
  const token = atPath(parse(answer), login.token);
  return typeof token === "string" ? { ...cookie, authorization: `Bearer ${token}` } : `gave no ${login.token}`;
}

function compare({ expect }: Asked, pathname: string, answer: Answer): Look {
  const statuses = typeof expect.status === "number" ? [expect.status] : expect.status;
  const failed = statuses.includes(answer.status) ? [] : ["status"];
  const seen = [`${pathname} ${answer.status}`];
  const paths = Object.entries(expect.json);
  const document = paths.length === 0 ? undefined : parse(answer);
  for (const [path, wanted] of paths) {
    const found = atPath(document, path);
    if (!matches(found, wanted)) failed.push(path);
    seen.push(`${path.replace(/^\$\.?/, "")}=${shown(found)}`);
  }
  return { failed, summary: seen.join(" ") };
}

function matches(found: unknown, wanted: Wanted): boolean {
  if (typeof wanted !== "object" || wanted === null) return found === wanted;
  return "in" in wanted ? wanted.in.some((one) => one === found) : typeOf(found) === wanted.type;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** The body as JSON; undefined when it is none. @throws KeyturnError when it is too long to tell */
function parse({ body, truncated }: Answer): unknown {
  if (truncated) throw new KeyturnError("http_too_long", "the answer is longer than 1 MiB");
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A number, a word or a type: what an application answers is foreign text. */
function shown(value: unknown): string {
  if (value === undefined) return "absent";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? signatureOf(value).slice(0, 40) : typeOf(value);
}
