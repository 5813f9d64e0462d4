import { readFileSync } from "node:fs";
import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Command, type Ran, runner } from "../../src/process/run.ts";
import { newFolder } from "../servers/run-folder.ts";

let folder = "";
const signal = new AbortController().signal;

beforeAll(async () => {
  folder = newFolder("run");
  await mkdir(join(folder, "bin"));
  await mkdir(join(folder, "bin-evil"));
  await script("bin/args", 'for word in "$@"; do echo "[$word]"; done; echo done >&2; exit 3');
  await script("bin/stubborn", "trap '' TERM; echo $$ > $1; sleep 300 & echo $! >> $1; wait; sleep 300");
  const stubbornChild = "(trap '' TERM; touch $1.trapped; sleep 300; sleep 300) & child=$!";
  const once = "while [ ! -e $1.trapped ]; do sleep 0.02; done";
  await script("bin/polite", `${stubbornChild}; ${once}; echo $$ > $1; echo $child >> $1; wait`);
  await script("bin/leaves", "sleep 300 & echo $! > $1; echo left");
  await script("bin/environment", "env; pwd");
  await script("bin/flood", "head -c 200000 /dev/zero | tr '\\0' x; echo end >&2");
  await script("bin/echo-input", "cat");
  await script("bin/deaf", "exec 0<&-; exit 0");
  await script("bin-evil/args", "echo evil");
  await script("bin/writable", "echo changed");
  await chmod(join(folder, "bin/writable"), 0o775);
  await script("bin/data", "echo no program");
  await chmod(join(folder, "bin/data"), 0o644);
  await symlink(join(folder, "bin-evil/args"), join(folder, "bin/link-out"));
  await symlink(join(folder, "bin/args"), join(folder, "link-in"));
});

afterAll(() => rm(folder, { recursive: true }));

describe("a runner", () => {
  it("gives arguments as they are, without a shell, and a failing program as a value", async () => {
    const ran = await run(["bin/args", "$(id)", "a b", "; exit 0", "*"]);

    expect(ran).toEqual({
      code: 3,
      signal: null,
      stdout: "[$(id)]\n[a b]\n[; exit 0]\n[*]\n",
      stderr: "done\n",
      truncated: false,
    });
  });

  it("gives the named variables and nothing of its own environment", async () => {
    process.env["KEYTURN_RUN_CANARY"] = "canary";
    const { stdout } = await run(["bin/environment"], { env: { PATH: "/usr/bin:/bin", ONE: "1" } });

    const lines = stdout.trim().split("\n");
    expect(lines).toContain("ONE=1");
    expect(lines.at(-1)).toBe("/");
    expect(lines.filter((line) => /^\w+=/.test(line) && !/^(PATH|ONE|PWD|OLDPWD|SHLVL|_)=/.test(line))).toEqual([]);
  });

  it("hands over the input whole, and does not mind a program that never reads it", async () => {
    const input = "x".repeat(60_000);

    expect((await run(["bin/echo-input"], { stdin: input })).stdout).toBe(input);
    expect((await run(["bin/deaf"], { stdin: "y".repeat(1_000_000) })).code).toBe(0);
  });

  it("keeps 64 KiB of what is printed, reads the rest, and says that something is missing", async () => {
    const { stdout, stderr, truncated, code } = await run(["bin/flood"]);

    expect([stdout.length, stderr, truncated, code]).toEqual([64 * 1024, "end\n", true, 0]);
  });

  it.each([
    ["its time is over, though it ignores the polite signal", "stubborn", { timeoutMs: 1_500 }, "command_timed_out"],
    ["it is aborted, though it ignores the polite signal", "stubborn", {}, "stopped_by_test"],
    ["it is aborted, though only what it started ignores the polite signal", "polite", {}, "stopped_by_test"],
  ])("ends the whole process group when %s", async (_, program, how, code) => {
    const pids = join(folder, `${program}.pid`);
    await writeFile(pids, "");
    const stop = new AbortController();
    const ended = expect(run([`bin/${program}`, pids], how, stop.signal)).rejects.toMatchObject({ code });
    const [leader, child] = await bothPids(pids);
    if (code === "stopped_by_test") stop.abort(Object.assign(new Error("stopped"), { code }));

    await ended;

    expect([leader, child].map(isRunning)).toEqual([false, false]);
  });

  it("leaves alone what a command started and left running when it ended by itself, and does not wait for it", async () => {
    const pids = join(folder, "leaves.pid");

    const ran = await run(["bin/leaves", pids]);

    const pid = Number(await readFile(pids, "utf8"));
    expect([ran.code, ran.stdout, ran.truncated, isRunning(pid)]).toEqual([0, "left\n", true, true]);
    process.kill(pid, "SIGKILL");
  });

  it.each([
    ["a program elsewhere", "bin-evil/args", "program_not_allowed"],
    ["a link that leads elsewhere", "bin/link-out", "program_not_allowed"],
    ["a path that climbs out", "bin/../bin-evil/args", "program_not_allowed"],
    ["a program that is not there", "bin/nothing", "program_missing"],
    ["a program that its group may change", "bin/writable", "program_writable"],
    ["the folder itself", "bin", "program_not_allowed"],
  ])("refuses %s", async (_, name, code) => {
    await expect(run([name])).rejects.toMatchObject({ code });
    expect(await allowed().finding(join(folder, name))).toMatchObject({ severity: "error", code });
  });

  it("refuses a name without a path, a file without the right to run, and everything when no folder is allowed", async () => {
    const args = { argv: ["args"], timeoutMs: 1_000 };
    await expect(allowed().run(args, signal)).rejects.toMatchObject({ code: "program_not_allowed" });
    await expect(run(["bin/data"])).rejects.toMatchObject({ code: "program_not_executable" });
    const real = { argv: [join(folder, "bin/args")], timeoutMs: 1_000 };
    await expect(runner([]).run(real, signal)).rejects.toMatchObject({ code: "program_not_allowed" });
  });

  it("runs a program through a link from outside into an allowed folder", async () => {
    expect((await run(["link-in", "a"])).stdout).toBe("[a]\n");
    expect(await allowed().finding(join(folder, "link-in"))).toBeUndefined();
  });

  it("starts nothing once it is aborted", async () => {
    const pids = join(folder, "never.pid");

    await expect(run(["bin/leaves", pids], {}, AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");

    await expect(readFile(pids)).rejects.toThrow("ENOENT");
  });
});

function allowed() {
  return runner([join(folder, "bin")]);
}

function run([name = "", ...args]: readonly string[], how: Partial<Command> = {}, stop = signal): Promise<Ran> {
  const path = { PATH: "/usr/bin:/bin" };
  return allowed().run({ argv: [join(folder, name), ...args], timeoutMs: 20_000, env: path, ...how }, stop);
}

async function script(name: string, source: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${source}\n`);
  await chmod(join(folder, name), 0o755);
}

async function bothPids(file: string): Promise<readonly number[]> {
  for (;;) {
    const pids = (await readFile(file, "utf8")).trim().split("\n").map(Number);
    if (pids.length === 2) return pids;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A process that ended but that nobody waited for yet (Z) does not run. */
function isRunning(pid: number | undefined): boolean {
  try {
    return !readFileSync(`/proc/${String(pid)}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
