import type { Readable } from "node:stream";

/** What a stream gave, up to a cap. */
export type Capped = { readonly text: () => string; readonly truncated: () => boolean };

/** Collects at most `capBytes` (default 64 KiB) and reads on without keeping more, so that the writer is never blocked. */
export function capped(stream: Readable | null, capBytes = 64 * 1024): Capped {
  const chunks: Buffer[] = [];
  let kept = 0;
  let cut = false;
  stream?.on("data", (chunk: Buffer) => {
    const room = capBytes - kept;
    if (chunk.length > room) cut = true;
    if (room <= 0) return;
    chunks.push(chunk.subarray(0, room));
    kept += Math.min(room, chunk.length);
  });
  stream?.on("error", () => {
    cut = true;
  });
  return { text: () => Buffer.concat(chunks).toString("utf8"), truncated: () => cut };
}
