import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { KeyturnError } from "../core/errors.ts";
import type { Account } from "./embedded-account.ts";
import type { Binaries } from "./embedded-binaries.ts";
import { runOnce } from "./embedded-run.ts";

/** The paths of an embedded database: `base` holds the others. */
export type Cluster = {
  readonly base: string;
  readonly data: string;
  readonly socket: string;
  readonly passwordFile: string;
};

/** The role and the database of the same name; the superuser's password is thrown away, and no rule lets it in. */
export const role = "keyturn";

/** Where an embedded database lives in a data folder. Throws when the path is too long for a Unix socket. */
export function clusterIn(dataFolder: string): Cluster {
  const base = join(resolve(dataFolder), "postgres");
  const socket = join(base, "socket");
  if (Buffer.byteLength(join(socket, ".s.PGSQL.5432.lock")) > 100) {
    throw new KeyturnError(
      "path_too_long",
      `the path of the data folder is too long for a Unix socket: ${dataFolder}`,
      {
        hint: "use a folder whose path has less than 70 characters",
      },
    );
  }
  return { base, data: join(base, "data"), socket, passwordFile: join(base, "password") };
}

/** Makes the folders, closed to others. As root they stay ours but can be passed through, and the server's own are its own. */
export async function makeFolders(cluster: Cluster, dataFolder: string, account: Account | undefined): Promise<void> {
  await mkdir(cluster.base, { recursive: true, mode: 0o700 });
  await mkdir(cluster.socket, { recursive: true, mode: 0o700 });
  await chmod(cluster.base, account === undefined ? 0o700 : 0o711);
  if (account === undefined) return;
  await chmod(dataFolder, (await stat(dataFolder)).mode | 0o011);
  await chown(cluster.socket, account.uid, account.gid);
}

/**
 * Makes the database cluster, its role and its database, unless they are there. `data` gets its name at the very end: a
 * start that was cut off leaves nothing that could be taken for a database.
 */
export async function makeCluster(cluster: Cluster, binaries: Binaries, account: Account | undefined): Promise<void> {
  if (await exists(cluster.data)) return;
  const draft = `${cluster.data}.new`;
  const thrownAway = join(cluster.base, "superuser");
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  const password = randomBytes(32).toString("base64url");
  await writeFile(cluster.passwordFile, password, { mode: 0o600 });
  await writeFile(thrownAway, randomBytes(32).toString("base64url"), { mode: 0o600 });
  if (account !== undefined) for (const path of [draft, thrownAway]) await chown(path, account.uid, account.gid);
  const how = ["--auth=scram-sha-256", `--pwfile=${thrownAway}`, "--encoding=UTF8", "--locale=C"];
  await runOnce(binaries.initdb, ["-D", draft, "-U", "keyturn_admin", ...how], account);
  await rm(thrownAway);
  const statements = [`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`, `CREATE DATABASE ${role} OWNER ${role}`];
  await runOnce(binaries.postgres, ["--single", "-D", draft, "postgres"], account, `${statements.join("\n")}\n`);
  await writeFile(join(draft, "pg_hba.conf"), `local ${role} ${role} scram-sha-256\n`);
  await rename(draft, cluster.data);
}

/** The password of Keyturn's role. */
export async function readPassword(cluster: Cluster): Promise<string> {
  return readFile(cluster.passwordFile, "utf8");
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
