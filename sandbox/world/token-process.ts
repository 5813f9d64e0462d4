import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ask } from "./token-http.ts";
import type { Settings } from "./token-settings.ts";

export type TokenProcess = {
  readonly pid: number;
  /** Resolves when it is gone, however it ended. */
  readonly gone: Promise<void>;
  /** SIGTERM, and SIGKILL after 10 s. */
  readonly end: () => Promise<void>;
  readonly kill: () => Promise<void>;
};

/** Starts an instance and waits until it is healthy; what it compiled is kept for its restarts. Throws when it ends before, as one does that lacks a variable. */
export async function startProcess(settings: Settings, logFile: string): Promise<TokenProcess> {
  const script = fileURLToPath(new URL("./token-instance.ts", import.meta.url));
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    stdio: ["pipe", log, log],
    env: { NODE_COMPILE_CACHE: join(dirname(logFile), "compile-cache") },
  });
  closeSync(log);
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const started = { pid: child.pid ?? 0, gone, end: () => end(child, gone), kill: () => kill(child, gone) };
  if (await healthy(settings.port, child)) return started;
  await started.kill();
  throw new Error(`instance ${settings.id} did not start: see ${logFile}`);
}

/** A free loopback port that no outgoing connection takes while its instance restarts. */
export async function quietPort(): Promise<number> {
  for (let tried = 0; tried < 200; tried += 1) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
  throw new Error("no port is free");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

async function healthy(port: number, child: ChildProcess): Promise<boolean> {
  const until = Date.now() + 60_000;
  while (Date.now() < until && isRunning(child)) {
    const answer = await ask(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (answer?.status === 200) return isRunning(child);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

async function end(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (!isRunning(child)) return;
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(late);
}

async function kill(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (isRunning(child)) child.kill("SIGKILL");
  await gone;
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
