import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { z } from "zod";

const programs = z
  .record(z.string(), z.object({ package: z.string(), look: z.array(z.string()), tests: z.string() }))
  .parse(JSON.parse(readFileSync(new URL("programs.json", import.meta.url), "utf8")));

export type ProgramName = "redis-server" | "redis-sentinel" | "pgbouncer" | "postgres-15" | "chromium";

/** The path of a test server's program, or undefined when this machine does not have it. */
export function findProgram(name: ProgramName): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return (programs[name]?.look ?? [])
    .flatMap((look) => (isAbsolute(look) ? [look] : folders.map((folder) => join(folder, look))))
    .find(executable);
}

/** The path of a test server's program; throws with the way to get it when it is missing. */
export function program(name: ProgramName): string {
  const path = findProgram(name);
  if (path === undefined)
    throw new Error(`${name} is missing; hint: apt-get install ${programs[name]?.package ?? name}`);
  return path;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
