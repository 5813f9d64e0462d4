import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { compileCache } from "../servers/run-folder.ts";

/** A worker process of the driver. */
export type Child = {
  readonly pid: number;
  /** SIGKILL; resolves when it has ended. */
  readonly kill: () => Promise<void>;
  /** Resolves when it has stopped itself (SIGSTOP). */
  readonly stopped: () => Promise<void>;
  readonly pause: () => void;
  readonly goOn: () => void;
  readonly ready: Promise<void>;
};

const script = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** Starts a worker. `onPoint` hears every line that it says; `step`: what it goes on with. It ends with this process. */
export function startChild(
  settingsFile: string,
  stops: readonly string[],
  onPoint: (point: string) => void,
  step: string,
): Child {
  const child = spawn(process.execPath, [script, settingsFile, JSON.stringify(stops), step], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"] ?? "",
      NODE_COMPILE_CACHE: compileCache(),
      ...(process.env["STAGE_LOG"] === undefined ? {} : { STAGE_LOG: "1" }),
    },
  });
  const pid = child.pid ?? 0;
  const ready = Promise.withResolvers<undefined>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line === "ready") ready.resolve(undefined);
    else onPoint(line);
  });
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return {
    pid,
    ready: ready.promise,
    kill: async () => {
      if (ended(child)) return;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
    stopped: async () => {
      while (stateOf(pid) !== "T") await sleep(5);
    },
    pause: () => void child.kill("SIGSTOP"),
    goOn: () => void child.kill("SIGCONT"),
  };
}

function ended(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** The letter of proc_pid_stat(5): T is stopped. */
function stateOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3);
}
