import { GiveUp, TryLater } from "../../core/errors.ts";
import { atPath } from "../../core/json-path.ts";
import type { Context } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { type Answer, ask } from "../ask.ts";
import type { Admin, Call } from "./config.ts";
import { filled, filledLeaves, filledPath, type Words } from "./fill.ts";
import { merged } from "./merge.ts";
import { refusalOf } from "./refusal.ts";

/** Where and as whom. */
export type Api = { readonly url: string; readonly admin: Admin; readonly timeout: number };

/**
 * A request that is ready to be filled in. `changes`: the lease is asked for before it is sent. `into`: what was read, sent with
 * the filled-in body merged into it; nothing in it is taken for a mark.
 */
export type Asked = Omit<Call, "body"> & {
  readonly body?: unknown;
  readonly changes?: true;
  readonly into?: Readonly<Record<string, unknown>>;
};

/** Sends one request as the administrator. Throws what `refusalOf` makes of a status that is no success, and what `ask` throws. */
export type AskAsAdmin = (asked: Asked, words?: Words) => Promise<Answer>;

type Session = { readonly words: Words; readonly cookies: Map<string, string> };

/**
 * An administration API over HTTP. It logs in at the first request, and again when the session ended; nothing is sent again by
 * itself, redirects are answers, and one that is no success ends here without its body.
 */
export function openApi(api: Api, { session: holder, signal, resolve }: Context): AskAsAdmin {
  const { host } = new URL(api.url);
  const send = async (asked: Asked, words: Words, cookies: Map<string, string>): Promise<Answer> => {
    const headers = await filledHeaders(asked, words, cookies, resolve);
    const question = {
      url: `${api.url.replace(/\/$/, "")}${filledPath(asked.path, words)}`,
      method: asked.method ?? "GET",
      headers,
      body: await bodyOf(asked, words, resolve),
      timeoutMs: api.timeout,
    };
    if (asked.changes === true) holder.guard(api.timeout);
    const answer = await ask(question, signal);
    keepCookies(answer, cookies);
    return answer;
  };
  const logIn = async (): Promise<Session> => {
    const cookies = new Map<string, string>();
    let words: Words = {};
    for (const { keep, ...step } of api.admin.login) {
      const answer = await send(step, words, cookies);
      if (answer.status === 401 || answer.status === 403) throw adminRefused(host, answer.status);
      expectSuccess(step, answer, host);
      words = { ...words, ...kept(keep, answer, cookies, `${host}: ${nameOf(step)}`) };
    }
    return { words, cookies };
  };
  let opened: Promise<Session> | undefined;
  return async (asked, words = {}) => {
    opened ??= logIn();
    const opening = opened;
    const session = await opening.catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    const headers = { ...api.admin.headers, ...asked.headers };
    const answer = await send({ ...asked, headers }, { ...session.words, ...words }, session.cookies);
    if (answer.status === 401) {
      opened = undefined;
      if (api.admin.login.length === 0) throw adminRefused(host, 401);
      throw new TryLater("admin_session_ended", `${host} takes Keyturn's session for ended (401)`);
    }
    expectSuccess(asked, answer, host);
    return answer;
  };
}

/** What an answer says, as JSON; undefined when it is none. Throws GiveUp when it is too long to tell. */
export function documentOf({ body, truncated }: Answer): unknown {
  if (truncated) throw new GiveUp("answer_too_long", "the answer is longer than 1 MiB");
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function adminRefused(host: string, status: number): GiveUp {
  return new GiveUp("admin_refused", `${host} refuses Keyturn's own login (${status})`, {
    hint: "look at the user there, and at the value behind the references of admin",
  });
}

function expectSuccess({ success, ...asked }: Asked, { status }: Answer, host: string): void {
  const allowed = typeof success === "number" ? [success] : success;
  if (!allowed.includes(status)) throw refusalOf(status, host, nameOf(asked));
}

/** As the catalog has it: what is filled in does not belong into a sentence. */
function nameOf({ method = "GET", path }: Pick<Asked, "method" | "path">): string {
  return `${method} ${path.split("?")[0] ?? ""}`;
}

async function bodyOf({ body, into }: Asked, words: Words, resolve: Context["resolve"]): Promise<string | undefined> {
  if (body === undefined || typeof body === "string") {
    return body === undefined ? undefined : await filled(body, words, resolve);
  }
  const change = await filledLeaves(body, words, resolve);
  return JSON.stringify(into === undefined ? change : merged(into, change));
}

async function filledHeaders(
  asked: Asked,
  words: Words,
  cookies: ReadonlyMap<string, string>,
  resolve: Context["resolve"],
): Promise<Readonly<Record<string, string>>> {
  const json = typeof asked.body === "object" ? { "content-type": "application/json" } : {};
  const jar = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const own = Object.entries(asked.headers).map(
    async ([name, text]) => [name.toLowerCase(), await filled(text, words, resolve)] as const,
  );
  return { ...json, ...(jar === "" ? {} : { cookie: jar }), ...Object.fromEntries(await Promise.all(own)) };
}

function keepCookies({ headers }: Answer, cookies: Map<string, string>): void {
  for (const text of headers.get("set-cookie") ?? []) {
    const [, name = "", value = ""] = /^\s*([^=;\s]+)=([^;]*)/.exec(text) ?? [];
    if (name === "") continue;
    if (value === "" || /;\s*max-age=0\b/i.test(text)) cookies.delete(name);
    else cookies.set(name, value);
  }
}

function kept(
  keep: Readonly<Record<string, string>>,
  answer: Answer,
  cookies: ReadonlyMap<string, string>,
  where: string,
): Words {
  const found = Object.entries(keep).map(([name, from]) => {
    const [, kind, key = ""] = /^(header|cookie):(.+)$/.exec(from) ?? [];
    const value =
      kind === undefined
        ? atPath(documentOf(answer), from)
        : kind === "cookie"
          ? cookies.get(key)
          : answer.headers.get(key.toLowerCase())?.[0];
    if ((typeof value !== "string" && typeof value !== "number") || value === "") {
      throw new GiveUp("login_kept_nothing", `${where} gives no ${from}`, {
        hint: "compare `keep` with the API's documentation",
      });
    }
    return [name, new Secret(String(value))] as const;
  });
  return Object.fromEntries(found);
}
