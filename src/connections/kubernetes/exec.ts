import { WebSocket } from "undici";
import { z } from "zod";
import { GiveUp, TryLater } from "../../core/errors.ts";
import { orAborted, send } from "./http.ts";
import type { Login } from "./login.ts";
import { refusalOf } from "./refusal.ts";
import { pathOf, type Resource, wordsOf } from "./resource.ts";

export type ExecOptions = {
  /** Written whole; then the program's input ends. */
  readonly stdin?: string;
  /** Default 10 s, with the time that it takes to get there. */
  readonly timeoutMs?: number;
};

/** `code`: the program's exit code. The ends of outputs over 64 KiB are cut off: `truncated`. */
export type ExecResult = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
};

type Container = { readonly namespace: string; readonly pod: string; readonly container: string };

const defaultTimeoutMs = 10_000;
const capBytes = 64 * 1024;
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255 } as const;
const v5 = "v5.channel.k8s.io";
const protocols = [v5, "v4.channel.k8s.io"];

/** What the server says when the program has ended (k8s.io/apimachinery, `remotecommand` status). */
const Ended = z.object({
  status: z.string(),
  reason: z.string().default(""),
  details: z
    .object({
      causes: z.array(z.object({ reason: z.string().default(""), message: z.string().default("") })).default([]),
    })
    .default({ causes: [] }),
});

/**
 * See `Cluster.exec`. The protocol is the API server's own over WebSocket: one byte of channel before the data (client-node,
 * `WebSocketHandler`; k8s.io/apimachinery `remotecommand`). Before v5 (servers older than 1.30) the input has no end.
 */
export async function execIn(
  login: Login,
  signal: AbortSignal,
  container: Container,
  argv: readonly string[],
  { stdin, timeoutMs = defaultTimeoutMs }: ExecOptions,
): Promise<ExecResult> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, timeout]);
  const of = execOf(container);
  const query = new URLSearchParams({ container: container.container, stdout: "true", stderr: "true" });
  if (stdin !== undefined) query.set("stdin", "true");
  for (const word of argv) query.append("command", word);
  const path = `${pathOf(of)}?${query.toString()}`;
  let socket: WebSocket | undefined;
  try {
    const { headers, dispatcher } = await orAborted(login.credentials(), either);
    socket = new WebSocket(`${login.server.replace(/^http/, "ws")}${path}`, {
      protocols,
      headers: { "user-agent": "keyturn", ...headers },
      dispatcher,
    });
    const result = await orAborted(talk(socket, stdin), either);
    if (result !== undefined) return result;
  } catch (error) {
    signal.throwIfAborted();
    if (!timeout.aborted) throw error;
    throw new TryLater("kubernetes_exec_timed_out", `a program in ${wordsOf(of)} did not end within ${timeoutMs} ms`);
  } finally {
    socket?.close();
  }
  throw await whyNot(login, signal, of, path);
}

/** Undefined when there was no connection, or it ended before the program did. */
async function talk(socket: WebSocket, stdin: string | undefined): Promise<ExecResult | undefined> {
  const done = Promise.withResolvers<ExecResult | undefined>();
  const out = collector();
  const err = collector();
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => {
    if (stdin === undefined) return;
    socket.send(Buffer.concat([Buffer.from([channel.stdin]), Buffer.from(stdin)]));
    if (socket.protocol === v5) socket.send(Buffer.from([channel.close, channel.stdin]));
  });
  socket.addEventListener("message", ({ data }) => {
    if (!(data instanceof ArrayBuffer)) return;
    const [kind, bytes] = [new Uint8Array(data)[0], Buffer.from(data).subarray(1)];
    if (kind === channel.stdout) out.add(bytes);
    if (kind === channel.stderr) err.add(bytes);
    if (kind !== channel.error) return;
    try {
      const code = codeOf(bytes.toString("utf8"));
      done.resolve({ code, stdout: out.text(), stderr: err.text(), truncated: out.truncated() || err.truncated() });
    } catch (error) {
      done.reject(error);
    }
  });
  socket.addEventListener("error", () => done.resolve(undefined));
  socket.addEventListener("close", () => done.resolve(undefined));
  return await done.promise;
}

function codeOf(text: string): number {
  const { status, reason, details } = Ended.parse(JSON.parse(text));
  if (status === "Success") return 0;
  const code = details.causes.find((cause) => cause.reason === "ExitCode")?.message ?? "";
  if (/^\d+$/.test(code)) return Number(code);
  throw new GiveUp(
    "kubernetes_exec_failed",
    `the program could not be run in the container (${/^\w+$/.test(reason) ? reason : "no reason"})`,
    {
      hint: "the first word of the argv must be a program in the image; there is no shell unless you name one",
    },
  );
}

/** A refused WebSocket says nothing; the same request without it says what the server has against it. */
async function whyNot(login: Login, signal: AbortSignal, of: Resource, path: string): Promise<Error> {
  const answer = await send(login, { method: "GET", path, timeoutMs: defaultTimeoutMs, capBytes }, signal);
  // 400 is "Upgrade request required": there is nothing against it but that this is no WebSocket.
  if (answer.status > 400) return refusalOf(answer, "exec", of);
  return new TryLater("kubernetes_exec_broken", `the connection to ${wordsOf(of)} ended before the program did`);
}

function execOf({ namespace, pod }: Container): Resource {
  return { api: "v1", resource: "pods", namespace, name: pod, subresource: "exec" };
}

function collector() {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add: (bytes: Buffer): void => {
      if (size < capBytes) chunks.push(bytes.subarray(0, capBytes - size));
      size += bytes.length;
    },
    text: (): string => Buffer.concat(chunks).toString("utf8"),
    truncated: (): boolean => size > capBytes,
  };
}
