import type { Connection } from "../state/database.ts";
import { embeddedConnection, startEmbedded } from "../state/embedded.ts";
import type { Log } from "../state/log.ts";
import type { Settings } from "./config.ts";

export type Database = {
  readonly connection: Connection /** resolves when an embedded server has ended, wanted or not */;
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
};

/** The database of the settings: the embedded one, started here and stopped with us, or your own. */
export async function openDatabaseFor(settings: Pick<Settings, "database">, log: Log): Promise<Database> {
  if (settings.database.kind === "url") {
    return urlDatabase(settings.database.url.reveal());
  }
  const embedded = await startEmbedded({ dataFolder: settings.database.dataFolder, log });
  return { connection: embedded.connection, ended: embedded.ended, close: embedded.stop };
}

/** The database of a bot that runs already, for the command line: nothing is started. */
export function joinDatabaseFor(settings: Pick<Settings, "database">): Database {
  return settings.database.kind === "url"
    ? urlDatabase(settings.database.url.reveal())
    : {
        connection: embeddedConnection(settings.database.dataFolder),
        ended: new Promise(() => undefined),
        close: () => Promise.resolve(),
      };
}

function urlDatabase(connectionString: string): Database {
  return { connection: { connectionString }, ended: new Promise(() => undefined), close: () => Promise.resolve() };
}
