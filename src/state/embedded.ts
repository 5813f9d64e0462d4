import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "./database.ts";
import { embeddedAccount } from "./embedded-account.ts";
import { embeddedBinaries, reachableBinaries } from "./embedded-binaries.ts";
import { type Cluster, clusterIn, makeCluster, makeFolders, readPassword, role } from "./embedded-cluster.ts";
import { endOrphan } from "./embedded-orphan.ts";
import { startServer } from "./embedded-server.ts";
import type { Log } from "./log.ts";
import { soleOwner } from "./sole-owner.ts";

export type Embedded = {
  readonly connection: Connection;
  readonly pid: number;
  /** Resolves when the server has ended, wanted or not: without it a bot must end too. */
  readonly ended: Promise<void>;
  /** Shuts the server down cleanly and gives the data folder up. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts the database that comes with Keyturn, in `dataFolder`: on a Unix socket in a folder of mode 0700, with a random
 * password in a file of mode 0600, as a role that is no superuser, with an environment that holds nothing of ours.
 * Recovers from an unclean end. Throws KeyturnError("folder_in_use", "embedded_failed", "no_embedded_database",
 * "path_too_long", "no_account"). Takes about 2 s the first time, 0.2 s later.
 */
export async function startEmbedded(options: { readonly dataFolder: string; readonly log: Log }): Promise<Embedded> {
  const { dataFolder, log } = options;
  const cluster = clusterIn(dataFolder);
  const account = await embeddedAccount();
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await makeFolders(cluster, dataFolder, account);
  const owner = await soleOwner(cluster.base);
  try {
    const binaries = await reachableBinaries(embeddedBinaries(), cluster.base, account);
    await endOrphan(cluster, log);
    await makeCluster(cluster, binaries, account);
    const connection = connectionTo(cluster);
    const server = await startWhenFree(() => startServer(binaries.postgres, cluster, connection, account, log));
    return {
      connection,
      pid: server.pid,
      ended: server.ended,
      stop: async () => {
        await server.stop();
        await owner.release();
      },
    };
  } catch (error) {
    await owner.release();
    throw error;
  }
}

/** Sessions of a server that was killed end by themselves within moments; until then PostgreSQL refuses to start. */
async function startWhenFree<T>(start: () => Promise<T>): Promise<T> {
  for (const untilMs = performance.now() + 20_000; ; await sleep(250)) {
    try {
      return await start();
    } catch (error) {
      const ending = error instanceof Error && /shared memory block .* still in use/.test(error.message);
      if (!ending || performance.now() > untilMs) throw error;
    }
  }
}

/** How another process of the same user reaches an embedded database that runs in this data folder. Starts nothing. */
export function embeddedConnection(dataFolder: string): Connection {
  return connectionTo(clusterIn(dataFolder));
}

function connectionTo(cluster: Cluster): Connection {
  return { host: cluster.socket, port: 5432, user: role, database: role, password: () => readPassword(cluster) };
}
