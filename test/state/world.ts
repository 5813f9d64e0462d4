import { Secret } from "../../src/core/secret.ts";
import type { Log } from "../../src/state/log.ts";
import { type OpenState, openState } from "../../src/state/open-state.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";

export const sealKeys = { current: "k1", keys: { k1: new Secret("k1 ".repeat(15)), k0: new Secret("k0 ".repeat(15)) } };

/** A log that keeps what it was given. */
export function keptLog(): Log & {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: object }[];
} {
  const lines: { level: string; message: string; fields: object }[] = [];
  const level = (name: string) => (fields: object, message: string) => {
    lines.push({ level: name, message, fields });
  };
  return { lines, debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") };
}

/** One fresh database with two processes' views of it, and the superuser's hand for tampering. */
export async function stateWorld(): Promise<
  AsyncDisposable & { state: OpenState; other: OpenState; database: FreshDatabase; log: ReturnType<typeof keptLog> }
> {
  const database = await freshDatabase();
  const log = keptLog();
  const connection = { connectionString: database.url };
  const state = await openState({ connection, sealKeys, log });
  const other = await openState({ connection, sealKeys, log });
  return {
    state,
    other,
    database,
    log,
    [Symbol.asyncDispose]: async () => {
      await state.close();
      await other.close();
      await database[Symbol.asyncDispose]();
    },
  };
}
