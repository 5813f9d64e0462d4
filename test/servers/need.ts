import { describe } from "vitest";
import { findProgram, type ProgramName } from "./program.ts";

/**
 * `needs("redis-server")("title", () => {...})`: a `describe` that is skipped when one of the programs is missing. With
 * CI set it throws instead, so that the file fails: a server that CI does not have must not look like a pass.
 */
export function needs(...names: readonly ProgramName[]): typeof describe | typeof describe.skip {
  const missing = missingOf(names);
  if (missing.length > 0 && inCi(process.env["CI"])) throw new Error(`CI must have ${missing.join(", ")}`);
  return missing.length > 0 ? describe.skip : describe;
}

/** Which of the programs this machine does not have, in the order given. */
export function missingOf(names: readonly ProgramName[]): ProgramName[] {
  return names.filter((name) => findProgram(name) === undefined);
}

function inCi(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "false" && value !== "0";
}
