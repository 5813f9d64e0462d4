import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Command, type Ran, runner } from "../../src/process/run.ts";
import { newFolder } from "../servers/run-folder.ts";

let folder = "";

beforeAll(async () => {
  folder = newFolder("supervise");
  await script(
    "reload",
    "trap '' TERM; sleep 300 & echo $$ > $1.part; echo $! >> $1.part; mv $1.part $1; wait; sleep 300",
  );
  await script("ends", 'cat; echo "$0 $*" >&2; exit 9');
  await script("dies", "kill -KILL $$");
  await script("leaves", "sleep 300 > /dev/null 2>&1 < /dev/null & echo $! > $1");
});

afterAll(() => rm(folder, { recursive: true }));

describe("a supervised command", () => {
  it("ends as its program ended, with its input, output and arguments", async () => {
    const ended = { code: 9, signal: null, stdout: "input", stderr: `${join(folder, "ends")} a b\n`, truncated: false };

    expect(await run(["ends", "a", "b"], { stdin: "input" })).toEqual(ended);
    expect(await run(["dies"])).toMatchObject({ code: null, signal: "SIGKILL" });
  });

  it("is killed with all it started when its worker is killed", async () => {
    const { worker, pids } = await workerWith("20000");

    worker.kill("SIGKILL");

    await untilGone(pids);
  });

  it("keeps its time-out when its worker is stopped", async () => {
    const { worker, pids } = await workerWith("1500");

    worker.kill("SIGSTOP");

    await untilGone(pids);
    const gone = once(worker, "exit");
    worker.kill("SIGKILL");
    await gone;
  });

  it("is ended when it is aborted, and when its time is over", async () => {
    const file = join(folder, "aborted.pids");
    const stop = new AbortController();
    const ended = expect(run(["reload", file], {}, stop.signal)).rejects.toThrow("stopped");
    const pids = await pidsOf(file);
    stop.abort(new Error("stopped"));
    await ended;
    await untilGone(pids);

    const late = join(folder, "late.pids");
    await expect(run(["reload", late], { timeoutMs: 1_500 })).rejects.toMatchObject({ code: "command_timed_out" });
    await untilGone(await pidsOf(late));
  });

  it("leaves alone what its program started and left running when it ended by itself", async () => {
    const file = join(folder, "left.pid");

    expect((await run(["leaves", file])).code).toBe(0);

    const pid = Number(await readFile(file, "utf8"));
    expect(isRunning(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
  });
});

async function workerWith(timeoutMs: string) {
  const file = join(folder, `worker-${timeoutMs}.pids`);
  const program = join(import.meta.dirname, "dying-worker.ts");
  const worker = spawn(process.execPath, [program, folder, timeoutMs, join(folder, "reload"), file], {
    stdio: "inherit",
  });
  const pids = await pidsOf(file);
  expect(pids.map(isRunning)).toEqual([true, true]);
  return { worker, pids };
}

function run([name = "", ...args]: readonly string[], how: Partial<Command> = {}, signal?: AbortSignal): Promise<Ran> {
  const argv = [join(folder, name), ...args];
  const command = { argv, timeoutMs: 20_000, supervised: true, env: { PATH: "/usr/bin:/bin" }, ...how };
  return runner([folder]).run(command, signal ?? new AbortController().signal);
}

async function pidsOf(file: string): Promise<readonly number[]> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) return text.trim().split("\n").map(Number);
    await pause();
  }
}

/** Without a limit of its own: a process that stays fails the test by the runner's time-out. */
async function untilGone(pids: readonly number[]): Promise<void> {
  expect(pids).toHaveLength(2);
  while (pids.some(isRunning)) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

/** A process that ended but that nobody waited for yet (Z) does not run. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

async function script(name: string, source: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${source}\n`);
  await chmod(join(folder, name), 0o755);
}
