import { Socket } from "node:net";
import { Redis } from "ioredis";
import pg from "pg";
import { urlOf } from "./connection-string.ts";

/** What became of one login. `refused` is an answer of the server; `error` is everything else. */
export type Attempt = { readonly outcome: "accepted" | "refused" | "error"; readonly sentence: string };

/** Logs in as an application does: a new connection each time, beside one that is kept open all the while. */
export type Login = {
  readonly principal: string;
  readonly login: () => Promise<Attempt>;
  readonly close: () => Promise<void>;
};

const refusals = new Set(["28P01", "28000", "WRONGPASS", "NOAUTH", "NOPERM"]);

/**
 * `text` is a URL or a connection string with user and password; `name` is what the server shows as the client's name; `from`
 * the address that connections come from.
 */
export function loginWith(kind: "postgres" | "redis", text: string, name: string, from?: string): Login {
  const url = urlOf(kind, text);
  const once = kind === "postgres" ? () => loginPostgres(url, name, from) : () => loginRedis(url, name, from);
  return { principal: new URL(url).username, login: () => attempt(once), close: () => Promise.resolve() };
}

async function attempt(once: () => Promise<void>): Promise<Attempt> {
  try {
    await once();
    return { outcome: "accepted", sentence: "" };
  } catch (error) {
    const code = codeOf(error);
    return { outcome: refusals.has(code) ? "refused" : "error", sentence: code };
  }
}

async function loginPostgres(url: string, name: string, from: string | undefined): Promise<void> {
  const login = { connectionString: url, application_name: name, connectionTimeoutMillis: 5_000 };
  const client = new pg.Client(from === undefined ? login : { ...login, stream: () => socketFrom(url, from) });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
  } finally {
    await client.end().catch(() => undefined);
  }
}

function socketFrom(url: string, localAddress: string): Socket {
  const socket = new Socket();
  const plain = socket.connect.bind(socket);
  const { hostname, port } = new URL(url);
  return Object.assign(socket, { connect: () => plain({ host: hostname, port: Number(port), localAddress }) });
}

async function loginRedis(url: string, name: string, from: string | undefined): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    ...(from === undefined ? {} : { localAddress: from }),
    connectionName: name,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
  });
  let seen: unknown;
  client.on("error", (error) => {
    seen = error;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw seen ?? error;
  } finally {
    client.disconnect();
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return "unknown";
  }
  if ("code" in error && typeof error.code === "string") {
    return error.code;
  }
  return error.message.split(" ")[0] ?? "unknown";
}
