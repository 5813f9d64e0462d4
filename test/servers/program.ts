import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { findGoProgram } from "../../scripts/setup/go-programs.mjs";
import { findPythonProgram } from "../../scripts/setup/python-programs.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

const programs = z
  .record(z.string(), z.object({ package: z.string(), look: z.array(z.string()), tests: z.string() }))
  .parse(JSON.parse(readFileSync(new URL("programs.json", import.meta.url), "utf8")));

/** Built by scripts/setup.mjs from the modules of go-programs.json. */
const goPrograms = ["kube-apiserver", "kube-controller-manager", "keyturn-kubelet"] as const;
type GoProgramName = (typeof goPrograms)[number];

/** Installed by scripts/setup.mjs with pip, from python-programs.json. */
type PythonProgramName = "superset";

export type ProgramName =
  | "redis-server"
  | "redis-sentinel"
  | "pgbouncer"
  | "postgres-15"
  | "etcd"
  | "chromium"
  | GoProgramName
  | PythonProgramName;

/** The path of a test server's program, or undefined when this machine does not have it. */
export function findProgram(name: ProgramName): string | undefined {
  if (isGoProgram(name)) return findGoProgram(root, name);
  if (name === "superset") return findPythonProgram(root, name)?.python;
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return (programs[name]?.look ?? [])
    .flatMap((look) => (isAbsolute(look) ? [look] : folders.map((folder) => join(folder, look))))
    .find(executable);
}

/** The path of a test server's program; throws with the way to get it when it is missing. */
export function program(name: ProgramName): string {
  const path = findProgram(name);
  if (path !== undefined) return path;
  const way =
    isGoProgram(name) || name === "superset"
      ? "node scripts/setup.mjs --servers"
      : `apt-get install ${programs[name]?.package ?? name}`;
  throw new Error(`${name} is missing; hint: ${way}`);
}

/** An installed Python program: what runs its scripts, where they are, and the folder that was prepared for it. */
export function pythonProgram(name: PythonProgramName): NonNullable<ReturnType<typeof findPythonProgram>> {
  const found = findPythonProgram(root, name);
  if (found === undefined) throw new Error(`${name} is missing; hint: node scripts/setup.mjs --servers`);
  return found;
}

function isGoProgram(name: ProgramName): name is GoProgramName {
  return goPrograms.some((candidate) => candidate === name);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
