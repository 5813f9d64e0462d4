import { readStateSettings } from "../bot/config.ts";
import { joinDatabaseFor } from "../bot/database.ts";
import { KeyturnError } from "../core/errors.ts";
import { type OpenState, openState } from "../state/open-state.ts";
import { complain } from "./output.ts";

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Runs `work` on the database of the bot that these settings describe; an embedded one has to be running. Changes no schema. Needs no Slack. */
export async function withState<T>(work: (state: OpenState) => Promise<T>): Promise<T> {
  const read = readStateSettings();
  if ("missing" in read) {
    read.missing.forEach(({ sentence, hint }) => complain(`${sentence}: ${hint}`));
    throw new KeyturnError("settings_missing", "the command line needs the database and the seal key of the bot", {
      hint: "run it with the environment that the bot is started with",
    });
  }
  const database = joinDatabaseFor(read.settings);
  const state = await openState({
    connection: database.connection,
    sealKeys: read.settings.sealKeys,
    log: silent,
    join: true,
  });
  try {
    return await work(state);
  } finally {
    await state.close();
  }
}
