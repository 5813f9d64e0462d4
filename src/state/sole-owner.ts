import { randomUUID } from "node:crypto";
import { link, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { KeyturnError } from "../core/errors.ts";

const Owner = z.object({ pid: z.int(), started: z.string(), host: z.string() });
const touchMs = 5_000;
/** Of an owner on another host (a container before this one) only its touches can be seen. */
const silentMs = 20_000;

/**
 * Makes this process the only owner of a folder. Owners are numbered files that are made by link(2), which only one can
 * win; the highest number counts, and an owner that has gone leaves its file as a tombstone until the next one came, so that a
 * number is never won twice. Throws KeyturnError("folder_in_use"). Returns the way to give it up.
 */
export async function soleOwner(folder: string): Promise<{ readonly release: () => Promise<void> }> {
  const me = { pid: process.pid, started: (await startOf(process.pid)) ?? "", host: hostname() };
  const draft = join(folder, `owner.${randomUUID()}`);
  await writeFile(draft, JSON.stringify(me), { mode: 0o600 });
  try {
    const last = await lastOwner(folder);
    if (last > 0) await mustBeGone(join(folder, `owner.${last}`));
    const mine = join(folder, `owner.${last + 1}`);
    await link(draft, mine).catch((error: unknown) => {
      throw inUse("another process is taking it at this moment", error);
    });
    await forget(folder, last);
    const touching = setInterval(() => {
      const now = new Date();
      utimes(mine, now, now).catch(() => undefined);
    }, touchMs);
    touching.unref();
    return {
      release: async () => {
        clearInterval(touching);
        await writeFile(draft, "{}", { mode: 0o600 });
        await rename(draft, mine);
      },
    };
  } finally {
    await rm(draft, { force: true });
  }
}

async function lastOwner(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).map((name) => Number(/^owner\.(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

async function forget(folder: string, last: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const number = /^owner\.(\d+)$/.exec(name)?.[1];
    if (number !== undefined && Number(number) <= last) await rm(join(folder, name), { force: true });
  }
}

async function mustBeGone(file: string): Promise<void> {
  const owner = Owner.safeParse(parsed(await readFile(file, "utf8").catch(() => "{}")));
  if (!owner.success) return;
  const { pid, started, host } = owner.data;
  if (host === hostname()) {
    if ((await startOf(pid)) === started) throw inUse(`process ${pid} uses it`);
    return;
  }
  const touched = async (): Promise<number> => (await stat(file)).mtimeMs;
  const before = await touched();
  if (Date.now() - before > silentMs) return;
  await sleep(silentMs);
  if ((await touched()) !== before) throw inUse(`process ${pid} on ${host} uses it`);
}

/** When a process began, so that a pid that was given to another is told apart. Undefined: no such process. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "utf8");
    // After the name in brackets, which may hold anything, the 20th field is starttime: proc_pid_stat(5).
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return process.platform === "linux" ? undefined : livesElsewhere(pid);
  }
}

function livesElsewhere(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return "alive";
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inUse(sentence: string, cause?: unknown): KeyturnError {
  return new KeyturnError("folder_in_use", `the data folder belongs to another running Keyturn: ${sentence}`, {
    hint: "one process starts the embedded database; more workers need DATABASE_URL with a PostgreSQL of its own",
    cause,
  });
}
