/**
 * @module Stands between Keyturn and a command that changes something, so that no such command outlives its worker: when the
 * worker dies, file descriptor 3 ends and the whole process group is killed; when the worker is stopped, the time-out is kept
 * here. Run as `supervise.ts <timeoutMs> <program> <argv0> <arguments...>` as the leader of a process group; ends as the
 * program ended. Input, output and environment are the program's.
 */
import { spawn } from "node:child_process";
import { Socket } from "node:net";

const [timeoutMs = "0", program = "", name = "", ...args] = process.argv.slice(2);
const polite = (): void => undefined;

process.on("SIGTERM", polite);
const child = spawn(program, args, { argv0: name, stdio: "inherit" });
const worker = new Socket({ fd: 3 });
worker.on("error", killGroup).on("close", killGroup).resume();
setTimeout(() => {
  process.kill(0, "SIGTERM");
  setTimeout(killGroup, 2_000);
}, Number(timeoutMs));

child.once("error", () => process.exit(127));
child.once("exit", (code, signal) => {
  process.off("SIGTERM", polite);
  if (signal !== null) process.kill(process.pid, signal);
  process.exit(code ?? 1);
});

function killGroup(): void {
  process.kill(0, "SIGKILL");
}
