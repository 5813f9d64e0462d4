import { spawn } from "node:child_process";
import { once } from "node:events";
import { KeyturnError } from "../core/errors.ts";
import type { Account } from "./embedded-account.ts";

/** All that a child of ours sees of the environment. */
export const environment = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/** Runs a program of PostgreSQL to its end with `input` on stdin. Throws KeyturnError("embedded_failed") with its last words. */
export async function runOnce(
  program: string,
  args: readonly string[],
  account: Account | undefined,
  input = "",
): Promise<void> {
  const child = spawn(program, args, { ...account, env: environment, cwd: "/", stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-4_000);
    });
  }
  child.stdin.on("error", () => undefined).end(input);
  const [code] = await once(child, "close");
  // Single-user mode ends with 0 whatever went wrong.
  if (code === 0 && !/\b(ERROR|FATAL|PANIC):/.test(output)) return;
  throw embeddedFailed(program, output);
}

/** The error for a PostgreSQL program that failed. Its output holds no passwords: they go through stdin and files. */
export function embeddedFailed(program: string, output: string): KeyturnError {
  const words = output.trim().split("\n").slice(-3).join(" | ");
  return new KeyturnError("embedded_failed", `the embedded database did not start: ${words === "" ? program : words}`, {
    hint: "the data folder and all folders above it must be open (x) to the user that runs the database",
  });
}
