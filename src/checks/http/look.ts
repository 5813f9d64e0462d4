import { KeyturnError } from "../../core/errors.ts";
import { atPath } from "../../core/json-path.ts";
import type { CheckScope } from "../../core/ports.ts";
import { signatureOf } from "../../core/signature.ts";
import type { Answer } from "../../process/ask.ts";
import type { Config, Login, Wanted } from "./config.ts";
import { fetchOnce } from "./fetch.ts";

/** One look. `failed` names what was not as expected ("status", "$.components.redis", "login", "redirect"); no secrets. */
export type Look = { readonly failed: readonly string[]; readonly summary: string };

/** Logs in where the check says so, asks once, and compares. @throws TryLater when nobody answers */
export async function look(config: Config, scope: CheckScope, signal: AbortSignal): Promise<Look> {
  const { pathname } = new URL(config.url);
  const extra = config.login === undefined ? {} : await logIn(config.login, config.timeout, scope, signal);
  if (typeof extra === "string") return { failed: ["login"], summary: `login ${extra}` };
  const { answer, elsewhere } = await fetchOnce(config, extra, scope.resolve, config.timeout, signal);
  if (elsewhere !== undefined) {
    return { failed: ["redirect"], summary: `${pathname} redirects to another host, ${elsewhere}` };
  }
  return compare(config, pathname, answer);
}

/** The headers that carry what the login gave, or why there are none. */
async function logIn(
  login: Login,
  timeoutMs: number,
  scope: CheckScope,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | string> {
  const { answer, elsewhere } = await fetchOnce(login, {}, scope.resolve, timeoutMs, signal);
  if (elsewhere !== undefined && !login.cookie) return `redirects to another host, ${elsewhere}`;
  if (answer.status >= 400) return `answered ${answer.status}`;
  const cookies = (answer.headers.get("set-cookie") ?? []).map((cookie) => cookie.split(";")[0] ?? "");
  if (login.cookie && cookies.length === 0) return "gave no cookie";
  const cookie = login.cookie ? { cookie: cookies.join("; ") } : {};
  if (login.token === undefined) return cookie;
  const token = atPath(parse(answer), login.token);
  return typeof token === "string" ? { ...cookie, authorization: `Bearer ${token}` } : `gave no ${login.token}`;
}

function compare({ expect }: Config, pathname: string, answer: Answer): Look {
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
