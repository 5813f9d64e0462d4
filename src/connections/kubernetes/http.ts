import { request } from "undici";
import { GiveUp, TryLater } from "../../core/errors.ts";
import type { Login } from "./login.ts";

export type Ask = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  /** Path and query behind the server's own address. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /** More of the body than this is left unread. */
  readonly capBytes: number;
  /** Called last before the first byte goes out. */
  readonly before?: () => void;
};

export type Answer = {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly truncated: boolean;
};

/**
 * Sends one request and never a second one.
 *
 * @throws TryLater kubernetes_timed_out, kubernetes_unreachable: a changing request may have been carried out
 * @throws GiveUp kubernetes_certificate
 * @throws the signal's reason when it is aborted
 */
export async function send(login: Login, ask: Ask, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(ask.timeoutMs);
  const either = AbortSignal.any([signal, timeout]);
  const { host } = new URL(login.server);
  try {
    const { headers: own, dispatcher } = await orAborted(login.credentials(), either);
    ask.before?.();
    const answer = await request(`${login.server}${ask.path}`, {
      dispatcher,
      method: ask.method,
      headers: { "user-agent": "keyturn", ...ask.headers, ...own },
      body: ask.body ?? null,
      signal: either,
    });
    const { text, truncated } = await readCapped(answer.body, ask.capBytes);
    const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
    return { status: answer.statusCode, headers: new Map(headers), body: text, truncated };
  } catch (cause) {
    signal.throwIfAborted();
    if (timeout.aborted) {
      throw new TryLater(
        "kubernetes_timed_out",
        `the Kubernetes API at ${host} did not answer within ${ask.timeoutMs} ms`,
      );
    }
    throw failureOf(cause, host);
  }
}

/** Settles with the work, or throws when the signal comes first; a plug-in that hangs is left behind. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const stop = (): void => aborted.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Errors of our own (a plug-in, the lease) pass; what the network says is told by its code alone. */
function failureOf(cause: unknown, host: string): unknown {
  const code = codeOf(cause);
  if (code === undefined) return cause;
  if (/CERT|SIGNATURE|_TLS_|SSL/.test(code)) {
    return new GiveUp(
      "kubernetes_certificate",
      `the certificate of the Kubernetes API at ${host} is not trusted (${code})`,
      {
        hint: "the kubeconfig must carry the cluster's certificate authority, and the server must be one of its names",
      },
    );
  }
  return new TryLater("kubernetes_unreachable", `the Kubernetes API at ${host} could not be reached (${code})`, {
    cause,
  });
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : undefined;
}

/** At most so many bytes of a body, as text. */
export async function readCapped(
  body: AsyncIterable<Uint8Array>,
  cap: number,
): Promise<{ text: string; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > cap) break;
  }
  return { text: Buffer.concat(chunks).subarray(0, cap).toString("utf8"), truncated: size > cap };
}
