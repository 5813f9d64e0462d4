import { KeyturnError } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import { logFile } from "../../process/log-source.ts";
import type { Runner } from "../../process/run.ts";
import type { Config, Instance } from "./config.ts";

/** Every program in an allowed place, every log file readable. All findings at once; runs no command. */
export async function preflight(
  { name, instances }: Config,
  runner: Runner,
  logFolders: readonly string[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  signal.throwIfAborted();
  if (instances.length === 0) {
    const sentence = `${name} has no instances, so nothing can settle on the new value`;
    return [{ severity: "error", code: "no_instances", sentence }];
  }
  const programs = [...new Set(instances.flatMap(programsOf))];
  const files = instances.flatMap(({ logs }) => (typeof logs === "string" ? [logs] : []));
  const findings = await Promise.all([
    ...programs.map((program) => runner.finding(program)),
    ...files.map((file) => logFinding(file, logFolders)),
  ]);
  return findings.filter((finding) => finding !== undefined);
}

function programsOf({ reload, sees, logs }: Instance): readonly string[] {
  const look = "started" in sees ? sees.started : "digest" in sees ? sees.digest : [];
  return [reload, look, typeof logs === "object" ? logs : []].flatMap((argv) => argv.slice(0, 1));
}

async function logFinding(file: string, folders: readonly string[]): Promise<Finding | undefined> {
  try {
    await logFile(file, new Date(8.64e15).toISOString(), folders);
    return undefined;
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    const { code, message: sentence, hint } = error;
    return { severity: "error", code, sentence, ...(hint === undefined ? {} : { hint }) };
  }
}
