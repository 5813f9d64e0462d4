import { Duplex } from "node:stream";
import type { WebSocket } from "undici";

/** Two channels for each port: the first carries the bytes, the second says why it cannot; both begin with the port. */
export const protocol = "v4.channel.k8s.io";

const channel = { data: 0, error: 1 } as const;
const portBytes = 2;

/**
 * The bytes of one forwarded port over a WebSocket of the API server (client-node `PortForward`; kubelet,
 * `cri/streaming/portforward`). One side alone cannot end: closing it ends both. Undefined when the WebSocket is refused.
 */
export async function lineOver(socket: WebSocket): Promise<Duplex | undefined> {
  const opened = Promise.withResolvers<Duplex | undefined>();
  const begun = new Set<number>();
  const line = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      socket.send(Buffer.concat([Buffer.from([channel.data]), chunk]));
      done();
    },
    destroy: (error, done) => {
      socket.close();
      done(error);
    },
  });
  // Whoever reads it is told too; without a listener an error that comes late would end the process.
  line.on("error", () => undefined);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => opened.resolve(line));
  socket.addEventListener("message", ({ data }) => {
    if (!(data instanceof ArrayBuffer) || line.destroyed) return;
    const kind = new Uint8Array(data)[0] ?? channel.error;
    const bytes = Buffer.from(data).subarray(begun.has(kind) ? 1 : 1 + portBytes);
    begun.add(kind);
    if (bytes.length === 0) return;
    // What it says may quote addresses and more, so it is not repeated.
    if (kind === channel.data) line.push(bytes);
    else line.destroy(new Error("the port could not be forwarded"));
  });
  for (const end of ["error", "close"] as const) {
    socket.addEventListener(end, () => {
      opened.resolve(undefined);
      if (!line.destroyed) line.push(null);
    });
  }
  return await opened.promise;
}
