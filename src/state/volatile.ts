import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { KeyturnError } from "../core/errors.ts";

/** Linux, <linux/magic.h>. Elsewhere these numbers are not given. */
const lost = new Map([
  [0x01021994, "tmpfs"],
  [0x858458f6, "ramfs"],
  [0x794c7630, "overlay"],
]);

/**
 * Throws KeyturnError("volatile_folder") when the folder, or where it would be made, does not outlive a restart of the
 * machine (tmpfs) or of the container (overlay).
 */
export async function refuseVolatile(dataFolder: string): Promise<void> {
  const kind = lost.get(await fileSystem(resolve(dataFolder)));
  if (kind === undefined) return;
  throw new KeyturnError(
    "volatile_folder",
    `the data folder ${dataFolder} is on ${kind} and would be lost with a restart`,
    {
      hint: "give a folder on a disk or a mounted volume: the journal of running rotations lives there",
    },
  );
}

async function fileSystem(folder: string): Promise<number> {
  try {
    return (await statfs(folder)).type;
  } catch (error) {
    const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!absent || folder === dirname(folder)) throw error;
    return fileSystem(dirname(folder));
  }
}
