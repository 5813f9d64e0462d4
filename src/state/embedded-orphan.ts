import { spawnSync } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./embedded-cluster.ts";
import { environment } from "./embedded-run.ts";
import type { Log } from "./log.ts";

/** No process has it: PostgreSQL takes a pid file with it for a stale one. */
const nobody = "2147483647";

/**
 * What an unclean end leaves behind. A server that has outlived its Keyturn is ended. Of a server that is gone the pid may
 * belong to another process now, or to a zombie that nobody buries, and PostgreSQL would take either for a server: the
 * pid is replaced by one that cannot be. The rest of the pid file stays, because PostgreSQL finds sessions by it that are
 * still ending. Call it only as the sole owner of the data folder.
 */
export async function endOrphan(cluster: Pick<Cluster, "data" | "socket">, log: Log): Promise<void> {
  const { data, socket } = cluster;
  const pidFile = join(data, "postmaster.pid");
  const [first, ...rest] = (await readFile(pidFile, "utf8").catch(() => "")).split("\n");
  const pid = Number(first);
  if (Number.isInteger(pid) && pid > 1) {
    if (await serves(pid, data)) await end(pid, data, log);
    else await writeFile(pidFile, [nobody, ...rest].join("\n"));
  }
  await rm(join(socket, ".s.PGSQL.5432.lock"), { force: true });
}

async function end(pid: number, data: string, log: Log): Promise<void> {
  log.warn({ pid }, "ending a database server that has outlived its process");
  for (const [signal, patienceMs] of [
    ["SIGINT", 20_000],
    ["SIGQUIT", 10_000],
    ["SIGKILL", 10_000],
  ] as const) {
    signalTo(pid, signal);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 50) {
      if (!(await serves(pid, data))) return;
      await sleep(50);
    }
  }
}

/** Whether this process is a PostgreSQL on this very folder. Anything else with its number is never signalled. */
async function serves(pid: number, data: string): Promise<boolean> {
  const command = process.platform === "linux" ? await commandOf(pid) : listedCommandOf(pid);
  return /^\S*postgres\s/.test(command) && command.includes(` ${data} `);
}

async function commandOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
}

function listedCommandOf(pid: number): string {
  return (
    spawnSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { env: environment, encoding: "utf8" }).stdout ?? ""
  );
}

function signalTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
