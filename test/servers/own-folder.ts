import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverAccount } from "./account.ts";
import { newFolder } from "./run-folder.ts";

/** A new folder that belongs to the user who runs the servers. */
export function serverFolder(name: string): string {
  const folder = newFolder(name);
  give(folder);
  return folder;
}

/** Writes a file (mode 0600) into a server's folder for the user who runs it; returns its path. */
export function writeServerFile(folder: string, name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
  give(path);
  return path;
}

/** Makes a folder (mode 0700) inside a server's folder for the user who runs it; returns its path. */
export function makeServerFolder(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { mode: 0o700 });
  give(path);
  return path;
}

function give(path: string): void {
  const account = serverAccount();
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}
