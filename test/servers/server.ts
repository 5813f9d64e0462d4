import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serverAccount } from "./account.ts";
import { processTree, signalTree, treeEnded } from "./process-tree.ts";
import { executableOf } from "./supervised.ts";

/** A running server process on a loopback port, with a folder of its own. Disposing stops it and removes the folder. */
export type Server = AsyncDisposable & {
  readonly port: number;
  readonly folder: string;
  /** The process id of the running server; throws when it is not running. */
  pid(): number;
  /** All that it wrote to stdout and stderr, over restarts. */
  output(): string;
  /** Asks it to end, kills it after 10 s; also when it is paused. Succeeds when it has ended already. */
  stop(): Promise<void>;
  /** SIGKILL to it and its children; resolves when all have ended. */
  kill(): Promise<void>;
  /** Stops it if it runs, starts it on the same port and folder, and resolves when it answers. */
  restart(): Promise<void>;
  /** SIGSTOP to it and its children: connections stay open, nothing is answered. */
  pause(): void;
  /** SIGCONT to it and its children. */
  resume(): void;
};

export type ServerOptions = {
  readonly name: string;
  readonly port: number;
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Asks for a clean end without waiting for clients. Default SIGTERM. */
  readonly stopSignal?: "SIGTERM" | "SIGINT";
  /** Runs as the user we are, root too: for programs that run our own files, in a clone that others cannot enter. Default false. */
  readonly asOurselves?: boolean;
  /** Whether the server answers now; false or an error means: not yet. It is given what the server wrote so far. */
  readonly answers: (output: () => string) => Promise<boolean>;
};

const startPatienceMs = 60_000;
const stopPatienceMs = 10_000;

/**
 * Starts a server process as an unprivileged user (see serverAccount; unless asOurselves) and resolves when it answers. Its end is tied to
 * ours: the kernel ends it when this process dies, however it dies. An early end or 60 s without an answer throws an
 * error that carries its output.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const logFile = join(options.folder, "output.log");
  const output = (): string => readFileSync(logFile, "utf8");
  let child = launch(options, logFile);
  await untilAnswering(options, child, output);

  const kill = async (): Promise<void> => {
    if (hasEnded(child) || child.pid === undefined) return;
    const tree = signalTree(child.pid, "SIGKILL");
    if (!hasEnded(child)) await once(child, "exit");
    await treeEnded(tree);
  };
  const stop = async (): Promise<void> => {
    if (hasEnded(child) || child.pid === undefined) return;
    const tree = processTree(child.pid);
    const ended = once(child, "exit");
    child.kill(options.stopSignal ?? "SIGTERM");
    signalTree(child.pid, "SIGCONT");
    const patience = new AbortController();
    const late = sleep(stopPatienceMs, true, { signal: patience.signal, ref: false }).catch(() => false);
    if (await Promise.race([ended.then(() => false), late])) await kill();
    patience.abort();
    await treeEnded(tree);
  };
  const runningPid = (): number => {
    if (hasEnded(child) || child.pid === undefined) throw new Error(`${options.name} is not running`);
    return child.pid;
  };
  return {
    port: options.port,
    folder: options.folder,
    pid: runningPid,
    output,
    stop,
    kill,
    restart: async () => {
      await stop();
      child = launch(options, logFile);
      await untilAnswering(options, child, output);
    },
    pause: () => void signalTree(runningPid(), "SIGSTOP"),
    resume: () => void signalTree(runningPid(), "SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      await stop();
      rmSync(options.folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function launch(options: ServerOptions, logFile: string): ChildProcess {
  const log = openSync(logFile, "a");
  try {
    const { command, args, identity } = executableOf(
      options,
      options.asOurselves === true ? undefined : serverAccount(),
    );
    const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" };
    const child = spawn(command, args, { cwd: options.folder, env, stdio: ["ignore", log, log], ...identity });
    child.on("error", () => undefined);
    return child;
  } finally {
    closeSync(log);
  }
}

async function untilAnswering(options: ServerOptions, child: ChildProcess, output: () => string): Promise<void> {
  const giveUpAt = Date.now() + startPatienceMs;
  while (!(await options.answers(output).catch(() => false))) {
    if (child.pid === undefined) throw new Error(`${options.name} could not be started: ${options.command}`);
    if (hasEnded(child)) {
      const how = child.signalCode ?? `code ${String(child.exitCode)}`;
      throw new Error(`${options.name} ended with ${how} before it answered; it said:\n${output()}`);
    }
    if (Date.now() > giveUpAt) {
      signalTree(child.pid, "SIGKILL");
      throw new Error(`${options.name} did not answer within ${startPatienceMs} ms; it said:\n${output()}`);
    }
    await sleep(10);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
