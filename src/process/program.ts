import { access, constants, realpath, stat } from "node:fs/promises";
import { isAbsolute, relative } from "node:path";
import { GiveUp, KeyturnError } from "../core/errors.ts";
import type { Finding } from "../core/ports.ts";

const writableByOthers = 0o022;

/**
 * The real path of a program that may be run: it lies in one of `folders`, links followed on both sides, may be executed,
 * and nobody but its owner may write it.
 *
 * @throws GiveUp program_not_allowed, program_missing, program_writable, program_not_executable
 */
export async function allowedProgram(folders: readonly string[], program: string): Promise<string> {
  if (!isAbsolute(program)) {
    throw new GiveUp("program_not_allowed", `${program} is not an absolute path`, { hint: "write the whole path" });
  }
  const real = await realpath(program).catch((cause: unknown) => {
    throw new GiveUp("program_missing", `there is no program ${program}`, { cause });
  });
  if (!(await liesIn(folders, real))) {
    throw new GiveUp("program_not_allowed", `${program} does not lie in a folder from which programs may be run`, {
      hint: folders.length === 0 ? "no folder is allowed" : `allowed are ${folders.join(", ")}`,
    });
  }
  const { mode } = await stat(real);
  if ((mode & writableByOthers) !== 0) {
    throw new GiveUp("program_writable", `${program} may be changed by its group or by others`, {
      hint: `chmod go-w ${real}`,
    });
  }
  await access(real, constants.X_OK).catch((cause: unknown) => {
    throw new GiveUp("program_not_executable", `${program} may not be run by this user`, { cause });
  });
  return real;
}

/** The same for preflight: what is wrong with a program, or undefined. */
export async function programFinding(folders: readonly string[], program: string): Promise<Finding | undefined> {
  try {
    await allowedProgram(folders, program);
    return undefined;
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    const base = { severity: "error", code: error.code, sentence: error.message } as const;
    return error.hint === undefined ? base : { ...base, hint: error.hint };
  }
}

/** Whether a real path is inside one of the folders, whose own links are followed. A folder that is missing holds nothing. */
export async function liesIn(folders: readonly string[], real: string): Promise<boolean> {
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => undefined);
    if (root === undefined) continue;
    const inside = relative(root, real);
    if (inside !== "" && inside !== ".." && !inside.startsWith("../")) return true;
  }
  return false;
}
