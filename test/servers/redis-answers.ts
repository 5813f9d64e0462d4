import { once } from "node:events";
import { connect } from "node:net";

/** Whether a Redis or Sentinel on this loopback port has loaded and takes commands; needs no login. */
export async function redisAnswers(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    socket.write("PING\r\n");
    const [reply] = await once(socket, "data", { signal: AbortSignal.timeout(1000) });
    return /^(\+PONG|-NOAUTH)/.test(String(reply));
  } finally {
    socket.destroy();
  }
}
