import type { ConnectionOptions } from "node:tls";
import { Redis } from "ioredis";
import type { Address } from "./address.ts";
import { readableError } from "./reply-error.ts";

/** One connection to one server. Nothing on it is ever resent, queued or reconnected. */
export type Connection = {
  readonly node: string;
  /**
   * Sends one command and gives its reply. Throws TryLater("unreachable") without an answer in `commandMs`, GiveUp
   * ("admin_rights") for NOPERM, and KeyturnError with the reply else. After a time-out the connection is closed, so that
   * nothing follows the unanswered command.
   */
  readonly call: (...words: readonly [string, ...(string | number)[]]) => Promise<unknown>;
  /** As `call`, and the library's error comes out as it is: for callers that judge the reply. It must go no further. */
  readonly raw: (...words: readonly [string, ...(string | number)[]]) => Promise<unknown>;
  /** Ends it and waits until the server has closed it too, so that no list shows it any more. */
  readonly quit: () => Promise<void>;
  readonly close: () => void;
};

/** Both are below the 10 s for which the guard vouches. */
const connectMs = 5_000;
const commandMs = 8_000;

/** Opens a TCP or TLS connection and sends nothing on it: logging in and naming it are the caller's. */
export async function connect(
  address: Address,
  tls: ConnectionOptions | undefined,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const { node } = address;
  const redis = new Redis({
    host: address.host,
    port: address.port,
    ...(tls === undefined ? {} : { tls }),
    lazyConnect: true,
    protocol: 2,
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    retryStrategy: null,
    reconnectOnError: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    disableClientInfo: true,
  });
  let socketError: unknown;
  redis.on("error", (error: unknown) => {
    socketError = error;
  });
  // The library alone would wait for the server to close as well.
  const close = (): void => {
    redis.disconnect();
    redis.stream?.destroy();
  };
  signal.addEventListener("abort", close, { once: true });
  redis.once("end", () => signal.removeEventListener("abort", close));

  const raw: Connection["raw"] = async (command, ...words) => {
    try {
      return await redis.call(command, ...words);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Error && error.message === "Command timed out") close();
      throw error;
    }
  };
  const call: Connection["call"] = async (...words) => {
    try {
      return await raw(...words);
    } catch (error) {
      signal.throwIfAborted();
      throw readableError(error, node, nameOf(words));
    }
  };
  try {
    await redis.connect();
  } catch (error) {
    close();
    signal.throwIfAborted();
    throw readableError(socketError ?? error, node, "a connection");
  }
  const quit = async (): Promise<void> => {
    if (redis.status === "end") return;
    const ended = new Promise((resolve) => redis.once("end", resolve));
    const patience = setTimeout(close, commandMs);
    await raw("QUIT").catch(close);
    await ended;
    clearTimeout(patience);
  };
  return { node, call, raw, quit, close };
}

/** "ACL SETUSER": never the arguments. */
function nameOf([command, sub]: readonly (string | number)[]): string {
  return ["ACL", "CLIENT", "CONFIG", "CLUSTER", "SENTINEL"].includes(String(command))
    ? `${String(command)} ${String(sub)}`
    : String(command);
}
