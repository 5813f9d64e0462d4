import { rmSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Notes in a file when an instance started, ISO 8601: to print a file costs less than to ask, and it is asked at every look. */
export async function noteStart(folder: string, id: string, startedAt: string): Promise<void> {
  const file = startFile(folder, id);
  await writeFile(`${file}.new`, `${startedAt}\n`);
  await rename(`${file}.new`, file);
}

/** When an instance has ended nothing tells when it started. */
export function forgetStart(folder: string, id: string): void {
  rmSync(startFile(folder, id), { force: true });
}

/** The command that prints it, and that fails while the instance does not run. */
export function startedCommand(folder: string, id: string): readonly string[] {
  return ["/bin/cat", startFile(folder, id)];
}

function startFile(folder: string, id: string): string {
  return join(folder, `started-${id}`);
}
