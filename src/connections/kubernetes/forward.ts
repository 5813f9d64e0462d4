import { type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import { WebSocket } from "undici";
import { KeyturnError, TryLater } from "../../core/errors.ts";
import { lineOver, protocol } from "./forward-line.ts";
import { orAborted, readCapped, send } from "./http.ts";
import type { Login } from "./login.ts";
import type { PodPort, ProxyAnswer, ProxyOptions } from "./pods.ts";
import { refusalOf } from "./refusal.ts";
import { pathOf, type Resource, wordsOf } from "./resource.ts";

const defaultTimeoutMs = 10_000;
const capBytes = 1024 * 1024;

/** See `Cluster.forward`. The connection of one request is opened for it and closed behind it. */
export async function forwardTo(
  login: Login,
  signal: AbortSignal,
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
  to: PodPort,
  path: string,
  options: ProxyOptions,
): Promise<ProxyAnswer> {
  signal.throwIfAborted();
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, timeout]);
  const of: Resource = { api: "v1", resource: "pods", namespace, name: pod, subresource: "portforward" };
  const target = `${pathOf(of)}?ports=${encodeURIComponent(String(to.port))}`;
  let socket: WebSocket | undefined;
  try {
    const { headers, dispatcher } = await orAborted(login.credentials(), either);
    socket = new WebSocket(`${login.server.replace(/^http/, "ws")}${target}`, {
      protocols: [protocol],
      headers: { "user-agent": "keyturn", ...headers },
      dispatcher,
    });
    const line = await orAborted(lineOver(socket), either);
    if (line !== undefined) return await orAborted(asked(line, pod, to, path, options), either);
  } catch (cause) {
    signal.throwIfAborted();
    const where = `${pod} in ${namespace}`;
    if (timeout.aborted) {
      throw new TryLater(
        "kubernetes_timed_out",
        `${where} did not answer at port ${String(to.port)} within ${timeoutMs} ms`,
      );
    }
    if (cause instanceof KeyturnError) throw cause;
    throw new TryLater("kubernetes_forward_broken", `${where} could not be asked at port ${String(to.port)}`, {
      cause,
    });
  } finally {
    socket?.close();
  }
  throw await whyNot(login, signal, of, target);
}

/** One HTTP request and its answer over a line that is there already. */
async function asked(
  line: Duplex,
  pod: string,
  { port, scheme }: PodPort,
  path: string,
  { method = "GET", headers = {}, body }: ProxyOptions,
): Promise<ProxyAnswer> {
  const answered = Promise.withResolvers<IncomingMessage>();
  const question = request({
    // No name stands in a pod's certificate that could be checked here: the API server, which is trusted, says who it is.
    createConnection: () => (scheme === "https" ? connect({ socket: line, rejectUnauthorized: false }) : line),
    host: pod,
    port,
    method,
    path,
    headers: { "user-agent": "keyturn", ...headers },
  });
  question.on("response", answered.resolve).on("error", answered.reject);
  question.end(body);
  try {
    const answer = await answered.promise;
    const { text, truncated } = await readCapped(answer, capBytes);
    const listed = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
    return { status: answer.statusCode ?? 0, headers: new Map(listed), body: text, truncated };
  } finally {
    question.destroy();
  }
}

/** A refused WebSocket says nothing; the same request without it says what the server has against it. */
async function whyNot(login: Login, signal: AbortSignal, of: Resource, path: string): Promise<Error> {
  const answer = await send(login, { method: "GET", path, timeoutMs: defaultTimeoutMs, capBytes }, signal);
  // 400 is "Upgrade request required": there is nothing against it but that this is no WebSocket.
  if (answer.status > 400) return refusalOf(answer, "forward", of);
  return new TryLater("kubernetes_forward_broken", `the connection to ${wordsOf(of)} could not be opened`);
}
