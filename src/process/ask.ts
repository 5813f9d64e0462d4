import { Agent, request } from "undici";
import { TryLater } from "../core/errors.ts";

/** One HTTP request. The URL holds no user info; what is secret stands in `headers` or `body`. */
export type Question = {
  readonly url: string;
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly timeoutMs: number;
};

/** `headers` by lower-case name, each value on its own. `truncated`: the body went on after 1 MiB. */
export type Answer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
  readonly truncated: boolean;
};

const capBytes = 1024 * 1024;

/**
 * Sends one request on a connection of its own and never a second one: redirects are answers, nothing is sent again, and no
 * kept connection can answer for an instance that is gone.
 *
 * @throws TryLater http_timed_out, http_unreachable; their sentences name the host only
 * @throws the signal's reason when it is aborted
 */
export async function ask(question: Question, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const { host } = new URL(question.url);
  const timeout = AbortSignal.timeout(question.timeoutMs);
  const dispatcher = new Agent({ pipelining: 0, connect: { timeout: question.timeoutMs } });
  try {
    const answer = await request(question.url, {
      dispatcher,
      method: question.method ?? "GET",
      headers: { "user-agent": "keyturn", ...question.headers },
      body: question.body ?? null,
      signal: AbortSignal.any([signal, timeout]),
    });
    const { text, truncated } = await readCapped(answer.body);
    const headers = new Map(Object.entries(answer.headers).map(([name, value]) => [name, listed(value)]));
    return { status: answer.statusCode, headers, body: text, truncated };
  } catch (cause) {
    signal.throwIfAborted();
    if (timeout.aborted) {
      throw new TryLater("http_timed_out", `${host} did not answer within ${question.timeoutMs} ms`, { cause });
    }
    throw new TryLater("http_unreachable", `${host} could not be asked`, { cause });
  } finally {
    await dispatcher.destroy();
  }
}

async function readCapped(body: AsyncIterable<Uint8Array>): Promise<{ text: string; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (size + chunk.length > capBytes) return { text: Buffer.concat(chunks).toString("utf8"), truncated: true };
    chunks.push(chunk);
    size += chunk.length;
  }
  return { text: Buffer.concat(chunks).toString("utf8"), truncated: false };
}

function listed(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
