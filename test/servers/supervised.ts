import { existsSync } from "node:fs";
import type { Account } from "./account.ts";

const setpriv = "/usr/bin/setpriv";

/**
 * The command line that runs a program as the given account and has the kernel end it when its parent dies (setpriv of
 * util-linux: PR_SET_PDEATHSIG). Where there is no setpriv the program runs unsupervised.
 */
export function executableOf(
  program: { readonly command: string; readonly args: readonly string[]; readonly stopSignal?: "SIGTERM" | "SIGINT" },
  account: Account | undefined,
): { command: string; args: readonly string[]; identity: { uid?: number; gid?: number } } {
  if (!existsSync(setpriv)) {
    const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
    return { command: program.command, args: program.args, identity };
  }
  const drop =
    account === undefined ? [] : ["--reuid", String(account.uid), "--regid", String(account.gid), "--clear-groups"];
  const whenOrphaned = program.stopSignal === "SIGINT" ? "INT" : "KILL";
  return {
    command: setpriv,
    args: ["--pdeathsig", whenOrphaned, ...drop, "--", program.command, ...program.args],
    identity: {},
  };
}
