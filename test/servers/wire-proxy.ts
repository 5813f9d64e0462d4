import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { freePort } from "./port.ts";
import { commandLog, type WireCommand } from "./wire/command-log.ts";
import { type After, type Before, carry, type Hooks } from "./wire/connection.ts";
import { postgresWire } from "./wire/postgres.ts";
import { redisWire } from "./wire/redis.ts";

export type { WireCommand } from "./wire/command-log.ts";

export type WireProxy = AsyncDisposable & {
  readonly port: number;
  /** All commands seen since the start or the last reset(), in order of arrival; a copy. */
  commands(): WireCommand[];
  /** Forgets the commands; counting starts again at 0. Hooks and connections stay. */
  reset(): void;
  /**
   * Calls `hook` when a command has arrived and none of its bytes has been passed on. The command waits for it, and so
   * does all that follows on its connection. `drop`: the connection is cut, the server never sees the command.
   * `drop-reply`: it is passed on, nothing after it is, and the connection is cut when the server has answered, without
   * the client seeing any of the answer. With several hooks the first answer other than `forward` counts. Returns how
   * to take the hook away.
   */
  onCommand(hook: (command: WireCommand) => Promise<Before | undefined> | Before | undefined): () => void;
  /**
   * Calls `hook` when the server has answered a command (`accepted` is set) and the end of the answer has not been
   * passed on: Redis has done it, PostgreSQL has committed it. `drop` cuts the connection before the client can know.
   */
  onReply(hook: (command: WireCommand) => Promise<After | undefined> | After | undefined): () => void;
  /** Cuts all open connections; new ones are taken. */
  dropAll(): void;
};

/**
 * A TCP proxy on a free loopback port to a Redis or PostgreSQL on another, which reads along and counts commands. An
 * answer that the server is still working on is recorded also when the client has gone. An error thrown by a hook cuts
 * the connection and rejects the proxy's disposal.
 */
export async function startWireProxy(target: {
  readonly protocol: "redis" | "postgres";
  readonly port: number;
}): Promise<WireProxy> {
  const port = await freePort();
  const wire = target.protocol === "redis" ? redisWire : postgresWire;
  const log = commandLog();
  const before = new Set<Parameters<WireProxy["onCommand"]>[0]>();
  const after = new Set<Parameters<WireProxy["onReply"]>[0]>();
  const sockets = new Set<Socket>();
  const errors: unknown[] = [];
  let connections = 0;

  const hooks: Hooks = {
    before: async (command) => {
      for (const hook of before) {
        const decision = await hook({ ...command });
        if (decision !== undefined && decision !== "forward") return decision;
      }
      return "forward";
    },
    after: async (command) => {
      for (const hook of after) if ((await hook({ ...command })) === "drop") return "drop";
      return "forward";
    },
  };
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = connect({ host: "127.0.0.1", port: target.port, allowHalfOpen: true, noDelay: true });
    const id = connections;
    connections += 1;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    server.on("error", () => client.resetAndDestroy());
    carry({ client, server, id }, wire, log, hooks).catch((error: unknown) => errors.push(error));
  });
  await once(listener.listen(port, "127.0.0.1"), "listening");

  const dropAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    commands: () => log.commands(),
    reset: () => log.reset(),
    onCommand: (hook) => {
      before.add(hook);
      return () => void before.delete(hook);
    },
    onReply: (hook) => {
      after.add(hook);
      return () => void after.delete(hook);
    },
    dropAll,
    [Symbol.asyncDispose]: async () => {
      const closed = once(listener, "close");
      listener.close();
      dropAll();
      await closed;
      if (errors.length > 0) throw new AggregateError(errors, "hooks of the wire proxy failed");
    },
  };
}
