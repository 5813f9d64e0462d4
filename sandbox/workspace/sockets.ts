import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { at, type Json, type JsonObject, parseJson, stringAt } from "./json.ts";

const maxConnections = 10;

/** Socket Mode: up to ten connections; each envelope goes to any one of them, and its ack may come on any. */
export interface Sockets {
  /** A single-use address for one connection, as `apps.connections.open` answers. */
  ticketUrl(): string;
  /** Takes over an HTTP upgrade; refuses a used or unknown ticket and an eleventh connection. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  connections(): number;
  /** Sends to one connection; false when there is none. `onAck` is called with the payload of each ack. */
  send(envelope: JsonObject, onAck: (payload: Json | undefined) => void): boolean;
  disconnectAll(reason: "refresh_requested" | "warning"): void;
  /** Says goodbye to every connection, and ends those that do not answer within half a second. */
  close(): Promise<void>;
}

/** `changed` is called when a connection comes or goes. */
export function createSockets(appId: string, wsUrl: () => string, changed: () => void): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  const tickets = new Set<string>();
  const open: WebSocket[] = [];
  const waiting = new Map<string, (payload: Json | undefined) => void>();
  let turn = 0;
  const pings = setInterval(() => {
    for (const socket of open) socket.ping("Ping from the workspace");
  }, 10_000);
  pings.unref();

  const welcome = (socket: WebSocket) => {
    open.push(socket);
    changed();
    socket.on("close", () => {
      const index = open.indexOf(socket);
      if (index >= 0) open.splice(index, 1);
      changed();
    });
    socket.on("error", () => socket.terminate());
    socket.on("message", (data) => {
      const ack = parseJson(Buffer.isBuffer(data) ? data.toString("utf8") : "");
      const id = stringAt(ack, "envelope_id");
      if (id === undefined) return;
      waiting.get(id)?.(at(ack, "payload"));
      waiting.delete(id);
    });
    const debug = { host: "sandbox", build_number: 1, approximate_connection_time: 18_060 };
    const hello = {
      type: "hello",
      num_connections: open.length,
      debug_info: debug,
      connection_info: { app_id: appId },
    };
    socket.send(JSON.stringify(hello));
  };

  return {
    ticketUrl() {
      const ticket = randomBytes(18).toString("base64url");
      tickets.add(ticket);
      return `${wsUrl()}/link?ticket=${ticket}`;
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? "/", "http://localhost").searchParams.get("ticket") ?? "";
      if (!tickets.delete(ticket)) return refuse(socket, "401 Unauthorized");
      if (open.length >= maxConnections) return refuse(socket, "429 Too Many Requests");
      server.handleUpgrade(request, socket, head, welcome);
    },
    connections: () => open.length,
    send(envelope, onAck) {
      const ready = open.filter((socket) => socket.readyState === WebSocket.OPEN);
      const chosen = ready[turn % Math.max(1, ready.length)];
      if (chosen === undefined) return false;
      turn += 1;
      waiting.set(stringAt(envelope, "envelope_id") ?? "", onAck);
      chosen.send(JSON.stringify(envelope));
      return true;
    },
    disconnectAll(reason) {
      const message = JSON.stringify({ type: "disconnect", reason, debug_info: { host: "sandbox" } });
      for (const socket of [...open]) {
        socket.send(message);
        socket.close(1000);
      }
    },
    async close() {
      clearInterval(pings);
      const gone = [...open].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
      for (const socket of open) socket.close(1001);
      const impatience = setTimeout(() => {
        for (const socket of [...open]) socket.terminate();
      }, 500);
      await Promise.all(gone);
      clearTimeout(impatience);
      server.close();
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
