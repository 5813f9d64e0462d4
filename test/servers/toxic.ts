import { once } from "node:events";
import { connect, createServer, type Socket, type Server as TcpServer } from "node:net";
import { freePort } from "./port.ts";

/**
 * - `none`: forwards.
 * - `refuse`: nobody listens (ECONNREFUSED); open connections are reset.
 * - `blackhole`: connections are accepted and stay open, and nothing passes in either direction.
 * - `reset`: open connections are reset, new ones right after they are accepted (ECONNRESET).
 */
export type Outage = "none" | "refuse" | "blackhole" | "reset";

export type Toxic = AsyncDisposable & {
  readonly port: number;
  /** Resolves when the outage is in force. After `blackhole`, `none` lets what was held pass. */
  set(outage: Outage): Promise<void>;
  /** How many connections clients have opened so far, refused ones not included. */
  connections(): number;
};

/** A TCP forwarder on a free loopback port to another loopback port, with an outage that can be switched. */
export async function startToxic(targetPort: number): Promise<Toxic> {
  const port = await freePort();
  const pairs = new Set<readonly [Socket, Socket]>();
  let outage: Outage = "none";
  let count = 0;
  let server: TcpServer | undefined;

  const accept = (client: Socket): void => {
    count += 1;
    client.on("error", () => undefined);
    if (outage === "reset") {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: "127.0.0.1", port: targetPort });
    upstream.on("error", () => client.resetAndDestroy());
    const pair = [client, upstream] as const;
    pairs.add(pair);
    join(client, upstream, () => pairs.delete(pair));
    if (outage === "blackhole") hold(pair);
  };
  const listen = async (): Promise<void> => {
    if (server !== undefined) return;
    server = createServer({ allowHalfOpen: true }, accept);
    await once(server.listen(port, "127.0.0.1"), "listening");
  };
  const close = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = once(closing, "close");
    closing.close();
    resetAll(pairs);
    await closed;
  };

  await listen();
  return {
    port,
    set: async (next) => {
      outage = next;
      if (next === "reset") resetAll(pairs);
      for (const pair of pairs) (next === "blackhole" ? hold : release)(pair);
      await (next === "refuse" ? close() : listen());
    },
    connections: () => count,
    [Symbol.asyncDispose]: close,
  };
}

function join(client: Socket, upstream: Socket, gone: () => void): void {
  client.pipe(upstream);
  upstream.pipe(client);
  client.on("close", () => {
    upstream.destroy();
    gone();
  });
  upstream.on("close", () => client.destroy());
}

/** Stops reading on both sides: nothing passes, and the senders' buffers fill up. */
function hold([client, upstream]: readonly [Socket, Socket]): void {
  client.unpipe(upstream).pause();
  upstream.unpipe(client).pause();
}

function release([client, upstream]: readonly [Socket, Socket]): void {
  client.unpipe(upstream).pipe(upstream);
  upstream.unpipe(client).pipe(client);
}

function resetAll(pairs: Set<readonly [Socket, Socket]>): void {
  for (const [client, upstream] of pairs) {
    client.resetAndDestroy();
    upstream.destroy();
  }
  pairs.clear();
}
