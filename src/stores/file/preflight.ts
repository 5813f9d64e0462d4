import { access, constants } from "node:fs/promises";
import { GiveUp } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import type { Grammar } from "./grammar.ts";
import { type Place, placeOf } from "./place.ts";

/** Everything that stands in the way of editing these keys of a file, and what people should know before it is edited. */
export async function preflight(
  file: string,
  roots: readonly string[],
  { unfit }: Grammar,
  keys: readonly string[],
): Promise<readonly Finding[]> {
  let place: Place;
  try {
    place = await placeOf(file, roots);
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error;
    const { code, message: sentence, hint } = error;
    return [{ severity: "error", code, sentence, ...(hint === undefined ? {} : { hint }) }];
  }
  return [...unfit(place.path, place.text, keys), ...(await rights(place)), ...notes(place)];
}

async function rights({ path, folder, stats, mounted }: Place): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const me = process.geteuid?.();
  if (mounted && !(await may(path, constants.W_OK))) {
    findings.push({
      severity: "error",
      code: "file_not_writable",
      sentence: `${path} may not be written by this user`,
    });
  }
  if (!mounted && !(await may(folder, constants.W_OK | constants.X_OK))) {
    findings.push({
      severity: "error",
      code: "file_folder_not_writable",
      sentence: `${folder} may not be written by this user, so ${path} cannot be replaced in one step`,
      command: `setfacl -m u:${me ?? "keyturn"}:rwx ${shellWord(folder)}`,
    });
  }
  if (!mounted && me !== undefined && me !== 0 && me !== stats.uid) {
    findings.push({
      severity: "error",
      code: "file_owner",
      sentence: `${path} belongs to user ${stats.uid}, and user ${me} could not give a new file to that user`,
      hint: "run Keyturn as the owner of the file",
    });
  }
  return findings;
}

function notes({ path, stats, mounted }: Place): readonly Finding[] {
  const findings: Finding[] = [];
  if (mounted) {
    findings.push({
      severity: "warning",
      code: "file_mounted",
      sentence: `${path} is mounted by itself and is written in place: a reader may see it half-written for an instant`,
      hint: "mount the folder instead of the file",
    });
    findings.push({
      severity: "warning",
      code: "unfenced",
      sentence: `a write by a worker that was cut off cannot be fenced at ${path}: who takes over waits one time-out and reads back first`,
      hint: "mount the folder instead of the file",
    });
  }
  if (stats.nlink > 1 && !mounted) {
    findings.push({
      severity: "warning",
      code: "file_hard_link",
      sentence: `${path} has ${stats.nlink} names; the other names keep the old content`,
    });
  }
  if ((stats.mode & 0o004) !== 0) {
    findings.push({
      severity: "warning",
      code: "file_world_readable",
      sentence: `${path} may be read by everybody on this host`,
      command: `chmod o-rwx ${shellWord(path)}`,
    });
  }
  return findings;
}

async function may(path: string, mode: number): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
