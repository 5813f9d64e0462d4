import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compileCache } from "../servers/run-folder.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs the real command line as a process of its own. `env` is all of its environment but what makes it start faster. */
export function keyturn(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return piped(process.execPath, [main, ...args], { ...env, NODE_COMPILE_CACHE: compileCache() });
}

/** Runs a program with `input` on its standard input, and nothing but `env` in its environment. */
export async function piped(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = "",
): Promise<Ran> {
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  const text = { out: "", err: "" };
  child.stdout.on("data", (bytes: Buffer) => {
    text.out += bytes.toString();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    text.err += bytes.toString();
  });
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, ...text };
}
