import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { GiveUp, TryLater } from "../core/errors.ts";
import type { Finding } from "../core/ports.ts";
import { capped } from "./capped.ts";
import { allowedProgram, programFinding } from "./program.ts";

/**
 * One command. `argv[0]` is an absolute path; there is no shell. `env` is the child's whole environment: nothing is
 * inherited, and no secret belongs there or into `argv`. `stdin` is the only way for a secret to reach the program.
 */
export type Command = {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly stdin?: string | undefined;
  readonly cwd?: string | undefined;
  /** The command also ends when this process dies. For commands that change something: two must never run at a time. */
  readonly supervised?: boolean;
  /** After it the whole process group is told to end (SIGTERM), and made to end 2 s later (SIGKILL). */
  readonly timeoutMs: number;
  /** Of each of stdout and stderr; the rest is read and thrown away. Default 64 KiB. */
  readonly capBytes?: number | undefined;
};

/** `truncated`: output is missing, because of the cap or because something the command left behind still holds the pipe. */
export type Ran = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
};

/** Runs a command to its end. A program that fails is a value. */
export type Run = (command: Command, signal: AbortSignal) => Promise<Ran>;

const supervisor = fileURLToPath(new URL("supervise.ts", import.meta.url));
const killAfterMs = 2_000;
const drainMs = 1_000;

/** `finding`: for preflight, why a program could not be run, or undefined. Reads only. */
export type Runner = { readonly run: Run; readonly finding: (program: string) => Promise<Finding | undefined> };

/**
 * A `Runner` for programs that lie in one of `folders`, links followed. What a command leaves running when it ends by itself
 * stays alive (a service it started); what it leaves when it is stopped does not.
 *
 * @throws GiveUp program_not_allowed, program_missing, program_writable (by group or others), program_not_executable
 * @throws TryLater command_timed_out, after the process group is gone
 * @throws the signal's reason when it is aborted, after the process group is gone
 */
export function runner(folders: readonly string[]): Runner {
  return {
    run: async (command, signal) => {
      const program = await allowedProgram(folders, command.argv[0] ?? "");
      signal.throwIfAborted();
      return await runProgram(program, command, signal);
    },
    finding: (program) => programFinding(folders, program),
  };
}

function runProgram(program: string, command: Command, signal: AbortSignal): Promise<Ran> {
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  const [name = program, ...args] = command.argv;
  const supervised = [process.execPath, supervisor, String(command.timeoutMs), program, name, ...args];
  const [file = program, ...rest] = command.supervised === true ? supervised : [program, ...args];
  const child = spawn(file, rest, {
    argv0: command.supervised === true ? file : name,
    cwd: command.cwd ?? "/",
    env: { ...command.env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe", command.supervised === true ? "pipe" : "ignore"],
  });
  // The supervisor watches this end of the fourth descriptor; nothing is ever written to it.
  const lifeline = child.stdio[3];
  lifeline?.on("error", () => undefined);
  const stdout = capped(child.stdout, command.capBytes);
  const stderr = capped(child.stderr, command.capBytes);
  // A program that does not read its input ends the pipe early; its exit code tells what that meant.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(command.stdin ?? "");

  let stopped: unknown;
  let kill: NodeJS.Timeout | undefined;
  const stop = (reason: unknown): void => {
    if (stopped !== undefined) return;
    stopped = reason;
    signalGroup(child.pid, "SIGTERM");
    kill = setTimeout(() => signalGroup(child.pid, "SIGKILL"), killAfterMs);
  };
  const onAbort = (): void => stop(signal.reason ?? new Error("aborted"));
  const tooLong = new TryLater("command_timed_out", `${name} did not end within ${command.timeoutMs} ms`);
  const timer = setTimeout(() => stop(tooLong), command.timeoutMs);
  signal.addEventListener("abort", onAbort, { once: true });
  const release = (): void => {
    clearTimeout(timer);
    clearTimeout(kill);
    signal.removeEventListener("abort", onAbort);
    child.stdout?.destroy();
    child.stderr?.destroy();
    lifeline?.destroy();
  };

  child.once("error", (cause) => {
    release();
    reject(new GiveUp("program_not_started", `${name} could not be started`, { cause }));
  });
  child.once("exit", (code, ended) => {
    clearTimeout(timer);
    if (stopped !== undefined) signalGroup(child.pid, "SIGKILL");
    const finish = (open: boolean): void => {
      clearTimeout(drained);
      release();
      const truncated = open || stdout.truncated() || stderr.truncated();
      if (stopped === undefined) {
        resolve({ code, signal: ended, stdout: stdout.text(), stderr: stderr.text(), truncated });
      } else {
        reject(stopped);
      }
    };
    const drained = setTimeout(() => finish(true), drainMs);
    child.once("close", () => finish(false));
  });
  if (signal.aborted) onAbort();
  return promise;
}

/** The group has the child's own id, because it was started as the leader of a new session. */
function signalGroup(pid: number | undefined, name: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // Nobody of the group is left.
  }
}
