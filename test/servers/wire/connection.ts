import { once } from "node:events";
import type { Socket } from "node:net";
import { type CommandLog, type Entry, settle, type WireCommand } from "./command-log.ts";
import type { ReplyPiece, RequestPiece, Wire } from "./wire.ts";

export type Before = "forward" | "drop" | "drop-reply";
export type After = "forward" | "drop";

export type Hooks = {
  readonly before: (command: WireCommand) => Promise<Before>;
  readonly after: (command: WireCommand) => Promise<After>;
};

/**
 * Carries one connection until both ends have closed. Each piece waits for the one before it, hooks and a full socket
 * included, so nothing piles up here. A dropped connection is reset towards the client and closed towards the server.
 * Rejects only with a hook's error.
 */
export async function carry(
  ends: { readonly client: Socket; readonly server: Socket; readonly id: number },
  wire: Wire,
  log: CommandLog,
  hooks: Hooks,
): Promise<void> {
  const { client, server } = ends;
  /** Commands of the round that the client has not closed yet, and closed rounds that wait for their answer. */
  let open: Entry[] = [];
  const rounds: Entry[][] = [];
  const doomed = new Set<Entry>();
  let unmatched = false;
  let dropped = false;

  const drop = (): void => {
    dropped = true;
    client.resetAndDestroy();
    server.destroy();
  };
  const request = async (piece: RequestPiece): Promise<void> => {
    if (piece.answerWith !== undefined) return write(client, piece.answerWith);
    if (piece.command !== undefined && doomed.size > 0) await closed(client);
    if (dropped) return;
    if (piece.command !== undefined) {
      const entry = log.add(ends.id, piece.command);
      const decision = await hooks.before(entry);
      if (decision === "drop") return drop();
      if (decision === "drop-reply") doomed.add(entry);
      entry.forwarded = !server.destroyed;
      unmatched ||= wire.unmatched(entry.text);
      open.push(entry);
    }
    if (piece.endsRound === true) {
      rounds.push(open);
      open = [];
    }
    await write(server, piece.bytes);
  };
  const reply = async (piece: ReplyPiece): Promise<void> => {
    const answered = rounds[0] ?? open;
    if (piece.failed !== undefined) settle(answered, { accepted: false, answer: piece.failed }, wire);
    if (piece.outcome !== undefined && !unmatched && rounds.length > 0) {
      rounds.shift();
      settle(answered, piece.outcome, wire);
      for (const entry of dropped ? [] : answered) {
        if ((await hooks.after(entry)) === "drop" || doomed.has(entry)) return drop();
      }
    }
    if (!answered.some((entry) => doomed.has(entry))) await write(client, piece.bytes);
  };
  const replies = wire.replies();
  await Promise.all([
    pump(client, server, wire.requests(), request, drop),
    pump(server, client, (chunk) => (unmatched ? [{ bytes: chunk }] : replies(chunk)), reply, drop),
  ]);
}

/** Handles what comes from one end until it ends; then tells the other end. A hook's error drops the connection. */
async function pump<Piece>(
  from: Socket,
  to: Socket,
  split: (chunk: Buffer) => Piece[],
  handle: (piece: Piece) => Promise<void>,
  drop: () => void,
): Promise<void> {
  const chunks: AsyncIterator<Buffer> = from.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await chunks.next().catch(() => ({ done: true, value: undefined }));
    if (next.done === true || next.value === undefined) break;
    try {
      for (const piece of split(next.value)) await handle(piece);
    } catch (error) {
      drop();
      throw error;
    }
  }
  to.end();
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, "close").catch(() => undefined);
}

/** Writes and waits until the socket takes more; what is written to a closed socket is lost, as on a real wire. */
async function write(socket: Socket, bytes: Buffer): Promise<void> {
  if (socket.destroyed || socket.writableEnded || socket.write(bytes)) return;
  await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => undefined);
}
