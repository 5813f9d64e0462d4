import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { serverAccount } from "./account.ts";
import { makeServerFolder, writeServerFile } from "./own-folder.ts";
import { type PostgresVersion, postgresBinaries } from "./postgres-binaries.ts";
import { builtOnce } from "./run-folder.ts";

/** The superuser of every PostgreSQL for tests. */
export const superuser = { name: "postgres", password: "superuser-of-a-test" } as const;

/** A fresh data folder inside `folder`: a copy of one that initdb made once for this run. Returns its path. */
export function newDataFolder(version: PostgresVersion, folder: string): string {
  const template = builtOnce(`postgres-${version}-template`, (target) => initdb(version, target));
  const data = makeServerFolder(folder, "data");
  must(spawnSync("cp", ["-a", "--reflink=auto", `${join(template, "data")}/.`, data], { encoding: "utf8" }));
  return data;
}

function initdb(version: PostgresVersion, folder: string): void {
  const account = serverAccount();
  const data = makeServerFolder(folder, "data");
  const passwordFile = writeServerFile(folder, "password", [superuser.password]);
  const args = ["-D", data, "-U", superuser.name, `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
  const speed = ["--no-sync", "--wal-segsize=1", "--locale=C", "--encoding=UTF8"];
  const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  const program = join(postgresBinaries(version), "initdb");
  must(spawnSync(program, [...args, ...speed], { encoding: "utf8", cwd: folder, env: { LC_ALL: "C" }, ...identity }));
}

function must(run: { status: number | null; stdout: string; stderr: string; error?: Error }): void {
  if (run.status !== 0) throw new Error(`${run.error?.message ?? ""}${run.stdout}${run.stderr}`);
}
