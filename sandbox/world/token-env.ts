import { readFile, rename, writeFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { z } from "zod";

/** Variables by name; undefined takes one away. */
export type Changes = Readonly<Record<string, string | undefined>>;

const Values = z.record(z.string(), z.string());

export async function readEnv(file: string): Promise<Readonly<Record<string, string>>> {
  return Values.parse(parseEnv(await readFile(file, "utf8")));
}

/** Writes the whole file anew, in one step. Values may have line ends, but no single quotes. */
export async function writeEnv(file: string, values: Changes): Promise<void> {
  const lines = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [line(name, value)]));
  await writeFile(`${file}.new`, lines.join(""), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function changeEnv(file: string, changes: Changes): Promise<void> {
  await writeEnv(file, { ...(await readEnv(file)), ...changes });
}

function line(name: string, value: string): string {
  if (value.includes("'")) throw new Error(`${name} has a quote in it`);
  return /^[\w+/=.:-]+$/.test(value) ? `${name}=${value}\n` : `${name}='${value}'\n`;
}
