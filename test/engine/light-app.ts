import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, Socket } from "node:net";
import { join } from "node:path";
import { parseEnv } from "node:util";
import pg from "pg";

export type Kind = "postgres" | "redis";
/** What the server said to a login: nothing, or the code of its refusal. */
export type Said = "accepted" | (string & {});

export type LightApp = {
  readonly port: number;
  /** Logins with what stands in the `.env`, of all instances. */
  readonly counts: { accepted: number; refused: number };
  /** While it says true for a URL, instances that read it are not healthy and log that they were refused. */
  rejects: (url: string) => boolean;
  /** While set, it does not answer at all. */
  silent: boolean;
  /** While set, /switch answers 503. */
  red: boolean;
  /** Instances that do not read the `.env` again when they are told to. */
  readonly deaf: Set<string>;
  /** Makes an instance say that it started then. */
  readonly pretend: (id: string, startedAt: string) => void;
  /** What an instance runs on. */
  readonly urlOf: (id: string) => string;
  readonly close: () => void;
};

type Instance = { readonly id: string; url: string; reloadedAtMs: number; healthy: boolean };

/**
 * An application inside the test: each instance reads its `.env` when it starts, logs in over and over, serves
 * /<id>/health and writes a log. It starts anew when somebody touches `<id>.reload`, and says when in `<id>.started`.
 */
export async function startLightApp(options: {
  readonly kind: Kind;
  readonly folder: string;
  readonly key: string;
  readonly ids: readonly string[];
}): Promise<LightApp> {
  const { kind, folder, key, ids } = options;
  const counts = { accepted: 0, refused: 0 };
  const instances: Instance[] = ids.map((id) => ({ id, url: "", reloadedAtMs: 0, healthy: false }));
  const server = createServer((request, response) => {
    if (app.silent) {
      request.socket.destroy();
      return;
    }
    const instance = instances.find(({ id }) => request.url === `/${id}/health`);
    const healthy = request.url === "/switch" ? !app.red : instance?.healthy === true;
    response.writeHead(healthy ? 200 : 503, { "content-type": "application/json" });
    response.end(JSON.stringify({ database: healthy ? "healthy" : "unhealthy" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const timers: NodeJS.Timeout[] = [];
  const app: LightApp = {
    port: portOf(server.address()),
    counts,
    rejects: () => false,
    silent: false,
    red: false,
    deaf: new Set(),
    pretend: (id, startedAt) => writeFileSync(join(folder, `${id}.started`), startedAt),
    urlOf: (id) => instances.find((instance) => instance.id === id)?.url ?? "",
    close: () => {
      timers.forEach(clearInterval);
      server.close();
      server.closeAllConnections();
    },
  };
  for (const instance of instances) {
    writeFileSync(join(folder, `${instance.id}.log`), "");
    writeFileSync(join(folder, `${instance.id}.reload`), "");
    start(instance);
    timers.push(setInterval(() => void work(instance), 100));
    timers.push(setInterval(() => reload(instance), 25));
  }
  function start(instance: Instance): void {
    instance.url = parseEnv(readFileSync(join(folder, ".env"), "utf8"))[key] ?? "";
    instance.reloadedAtMs = statSync(join(folder, `${instance.id}.reload`)).mtimeMs;
    writeFileSync(join(folder, `${instance.id}.started`), new Date().toISOString());
  }
  function reload(instance: Instance): void {
    const touched = statSync(join(folder, `${instance.id}.reload`), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (touched > instance.reloadedAtMs && !app.deaf.has(instance.id)) start(instance);
  }
  async function work(instance: Instance): Promise<void> {
    const { url } = instance;
    if (url === "") return;
    const said = app.rejects(url) ? "28P01" : await logIn(kind, url).catch(() => "error");
    if (url !== instance.url) return;
    instance.healthy = said === "accepted";
    if (said === "accepted") counts.accepted += 1;
    else if (said !== "error") counts.refused += 1;
    if (said !== "accepted" && said !== "error") {
      const line = `${new Date().toISOString()} ERROR authentication error: login refused (${said})\n`;
      appendFileSync(join(folder, `${instance.id}.log`), line);
    }
  }
  return app;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Logs in once, over a connection of its own from `from` (a loopback address), and goes. */
export async function logIn(kind: Kind, url: string, from = "127.0.0.1"): Promise<Said> {
  const session = await openSession(kind, url, from);
  if (typeof session === "string") return session;
  session.close();
  return "accepted";
}

export type OpenSession = { readonly close: () => void; readonly ended: Promise<void> };

/** Logs in and stays. A string is the code of the refusal. */
export async function openSession(kind: Kind, url: string, from = "127.0.0.1"): Promise<OpenSession | string> {
  return kind === "postgres" ? openPostgres(url, from) : openRedis(url, from);
}

async function openPostgres(url: string, from: string): Promise<OpenSession | string> {
  const socket = new Socket();
  const plain = socket.connect.bind(socket);
  const { hostname, port } = new URL(url);
  Object.assign(socket, { connect: () => plain({ host: hostname, port: Number(port), localAddress: from }) });
  const client = new pg.Client({ connectionString: url, stream: () => socket });
  client.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => client.once("end", () => resolve()));
  try {
    await client.connect();
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "error";
  }
  return { close: () => void client.end().catch(() => undefined), ended };
}

async function openRedis(url: string, from: string): Promise<OpenSession | string> {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), localAddress: from });
  socket.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const answer = new Promise<string>((resolve) => {
    socket.once("data", (bytes: Buffer) => resolve(bytes.toString()));
    socket.once("close", () => resolve("-error"));
  });
  socket.write(command("AUTH", decodeURIComponent(username), decodeURIComponent(password)));
  const said = await answer;
  if (!said.startsWith("+OK")) {
    socket.destroy();
    return /^-(\w+)/.exec(said)?.[1] ?? "error";
  }
  return { close: () => socket.destroy(), ended };
}

function command(...words: readonly string[]): string {
  return `*${String(words.length)}\r\n${words.map((word) => `$${String(Buffer.byteLength(word))}\r\n${word}\r\n`).join("")}`;
}
