import type { CheckKind } from "../core/ports.ts";
import type { Runner } from "../process/run.ts";
import { commandCheck } from "./command/check.ts";
import { execCheck } from "./exec/check.ts";
import { httpCheck } from "./http/check.ts";
import { loginCheck } from "./login/check.ts";
import { logsCheck } from "./logs/check.ts";

/** `runner`: see `src/process/run.ts`. `logFolders`: where log files may lie; absolute paths, links followed. */
export type CheckSettings = { readonly runner: Runner; readonly logFolders: readonly string[] };

/** Every kind of proof, one line each. */
export function checks(settings: CheckSettings): readonly CheckKind[] {
  return [httpCheck(), logsCheck(settings), loginCheck(), commandCheck(settings), execCheck()];
}
