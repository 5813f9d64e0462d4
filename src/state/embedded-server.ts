import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Connection } from "./database.ts";
import type { Account } from "./embedded-account.ts";
import type { Cluster } from "./embedded-cluster.ts";
import { embeddedFailed, environment } from "./embedded-run.ts";
import type { Log } from "./log.ts";

export type Running = {
  readonly pid: number;
  /** Resolves when the server has ended, wanted or not. */
  readonly ended: Promise<void>;
  /** A fast, clean shutdown: sessions are ended, everything is on disk. */
  readonly stop: () => Promise<void>;
};

/** Recovery after a crash takes as long as it takes; this is far beyond what our few megabytes need. */
const patienceMs = 120_000;

/**
 * Starts the server on a cluster and resolves when our role can log in. It is a process group of its own, so that a
 * Ctrl-C meant for us does not end it before we have drained.
 */
export async function startServer(
  postgres: string,
  cluster: Cluster,
  connection: Connection,
  account: Account | undefined,
  log: Log,
): Promise<Running> {
  const child = spawn(postgres, ["-D", cluster.data, ...settings(cluster.socket)], {
    ...account,
    env: environment,
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const lastWords: string[] = [];
  const lines = createInterface({ input: child.stderr });
  lines.on("line", (line) => {
    lastWords.push(line);
    lastWords.splice(0, lastWords.length - 5);
    log.debug({ line }, "the database server says");
  });
  let over = false;
  const ended = once(child, "exit")
    .then(
      () => undefined,
      () => undefined,
    )
    .then(() => {
      over = true;
    });
  const stop = async (): Promise<void> => stopChild(child, ended);
  for (const untilMs = performance.now() + patienceMs; !(await answers(connection)); await sleep(30)) {
    if (!over && performance.now() < untilMs) continue;
    await stop();
    throw embeddedFailed(postgres, lastWords.join("\n"));
  }
  return { pid: child.pid ?? 0, ended, stop };
}

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  for (const [signal, waitMs] of [
    ["SIGINT", 30_000],
    ["SIGQUIT", 10_000],
    ["SIGKILL", 10_000],
  ] as const) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill(signal);
    const patience = new AbortController();
    await Promise.race([ended, sleep(waitMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
  }
}

async function answers(connection: Connection): Promise<boolean> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function settings(socket: string): string[] {
  const values = {
    listen_addresses: "",
    unix_socket_directories: socket,
    unix_socket_permissions: "0700",
    port: "5432",
    password_encryption: "scram-sha-256",
    max_connections: "60",
    shared_buffers: "32MB",
    // Nobody replicates from it: less is written, and less lies in the log.
    wal_level: "minimal",
    max_wal_senders: "0",
    max_wal_size: "128MB",
    min_wal_size: "32MB",
    timezone: "UTC",
    log_timezone: "UTC",
    // Statements may be logged with an error; the values of parameters never are.
    log_statement: "none",
    log_parameter_max_length_on_error: "0",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
