import { constants } from "node:fs";
import { open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { LeaseLost } from "../../core/errors.ts";
import type { Session } from "../../core/ports.ts";
import type { Place } from "./place.ts";

/**
 * Replaces the file in one step: a temporary file beside it with the same mode and owner, flushed, then renamed over it.
 * `unchanged` and the lease are asked immediately before the rename. A newer lease holder removes the temporary file
 * (`fence`), so a process that was stopped anywhere before the rename finds nothing to rename any more.
 *
 * @throws LeaseLost; whatever `unchanged` throws. The file is as before then.
 */
export async function replace(
  place: Place,
  text: string,
  session: Session,
  unchanged: () => Promise<void>,
): Promise<void> {
  const temporary = join(place.folder, `${prefix(place.name, session.rotationId)}${session.epoch}`);
  await removeIfThere(temporary);
  try {
    await writeNew(temporary, text, place);
    await unchanged();
    session.guard();
    await rename(temporary, place.path);
  } catch (error) {
    if (isMissing(error)) throw new LeaseLost();
    await removeIfThere(temporary);
    throw error;
  }
  await flushFolder(place.folder);
}

/**
 * Writes into the file itself, for a mount point. Readers may see a half-written file for an instant, and a process that was
 * stopped before the write cannot be fenced. A shorter text is first padded with line ends, so that an interruption between
 * the write and the cut leaves blank lines and no rest of the old text.
 */
export async function overwrite(
  place: Place,
  text: string,
  session: Session,
  unchanged: () => Promise<void>,
): Promise<void> {
  const bytes = Buffer.from(text, "latin1");
  const handle = await open(place.path, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    await unchanged();
    session.guard();
    const padding = Buffer.alloc(Math.max(0, place.stats.size - bytes.length), "\n");
    await handle.write(Buffer.concat([bytes, padding]), 0, undefined, 0);
    await handle.truncate(bytes.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes the temporary files of older epochs of this rotation. */
export async function removeOlder({ folder, name }: Place, session: Session): Promise<void> {
  const start = prefix(name, session.rotationId);
  for (const entry of await readdir(folder)) {
    const epoch = entry.slice(start.length);
    if (!entry.startsWith(start) || !/^\d{1,15}$/.test(epoch) || Number(epoch) >= session.epoch) continue;
    session.guard();
    await removeIfThere(join(folder, entry));
  }
  await flushFolder(folder);
}

function prefix(name: string, rotationId: string): string {
  return `.${name}.keyturn-${rotationId}-`;
}

async function writeNew(path: string, text: string, { stats }: Place): Promise<void> {
  const handle = await open(
    path,
    constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    await handle.writeFile(text, "latin1");
    const made = await handle.stat();
    if (made.uid !== stats.uid || made.gid !== stats.gid) await handle.chown(stats.uid, stats.gid);
    await handle.chmod(stats.mode & 0o7777);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A rename survives a power cut only when the folder is flushed too. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return z.object({ code: z.literal("ENOENT") }).safeParse(error).success;
}
