import { Socket } from "node:net";
import { Client } from "pg";
import { z } from "zod";
import { TryLater } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import type { Address } from "./config.ts";
import { failureOf } from "./failure.ts";
import { tlsProblem } from "./tls.ts";

/** Time-outs in ms, all below the 10 s that a lease keeps in reserve for one command. */
const limits = { connectionTimeoutMillis: 5_000, lock_timeout: 3_000, statement_timeout: 6_000, query_timeout: 8_000 };

/** One connection. It never reconnects: after a failure every further command throws TryLater. */
export type Line = {
  readonly label: string;
  /** Runs one statement and parses its rows. `doing` completes "answered X when asked to ..." */
  readonly rows: <Row>(
    row: z.ZodType<Row>,
    doing: string,
    sql: string,
    values?: readonly unknown[],
  ) => Promise<readonly Row[]>;
  readonly run: (doing: string, sql: string) => Promise<void>;
  /** Never throws. */
  readonly close: () => Promise<void>;
};

export type Login = { readonly username: string; readonly password: Secret };
export type LineOptions = {
  readonly applicationName: string;
  readonly signal: AbortSignal;
  readonly tls: false | { readonly ca?: string; readonly servername?: string };
  /** An administrative session: nothing in the database can change the meaning of what it sends. */
  readonly administrative?: boolean;
};

/** Logs in once. Rejects with the client's own error, to be judged by the caller and never passed on; aborting ends the connection. */
export async function openLine(address: Address, login: Login, options: LineOptions): Promise<Line> {
  if (options.signal.aborted) throw aborted();
  const socket = new Socket();
  const client = new Client({
    host: address.host,
    port: address.port,
    database: address.database,
    user: login.username,
    password: login.password.reveal(),
    application_name: options.applicationName,
    ssl: options.tls,
    stream: () => socket,
    connectionTimeoutMillis: limits.connectionTimeoutMillis,
    query_timeout: limits.query_timeout,
    ...(options.administrative === true ? administrative : {}),
  });
  let broken = false;
  const destroy = (): void => {
    broken = true;
    socket.destroy();
  };
  client.on("error", destroy);
  options.signal.addEventListener("abort", destroy, { once: true });
  const close = async (): Promise<void> => {
    options.signal.removeEventListener("abort", destroy);
    if (!broken) client.end().catch(() => undefined);
    if (socket.destroyed) return;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.destroySoon();
    await closed;
  };
  try {
    await client.connect();
  } catch (error) {
    await close();
    throw options.signal.aborted ? aborted() : (tlsProblem(error, address.label) ?? error);
  }

  const send = async (doing: string, sql: string, values: readonly unknown[]): Promise<unknown> => {
    if (broken)
      throw options.signal.aborted
        ? aborted()
        : new TryLater("connection_lost", `lost the connection to postgresql at ${address.label}`);
    try {
      return (await client.query({ text: sql, values: [...values] })).rows;
    } catch (error) {
      const failure = failureOf(error, address.label, doing);
      if (failure.code === "connection_lost") destroy();
      throw options.signal.aborted ? aborted() : failure;
    }
  };
  return {
    label: address.label,
    rows: async (row, doing, sql, values = []) => z.array(row).parse(await send(doing, sql, values)),
    run: async (doing, sql) => void (await send(doing, sql, [])),
    close,
  };
}

const administrative = {
  options: "-c search_path=pg_catalog -c client_min_messages=error",
  lock_timeout: limits.lock_timeout,
  statement_timeout: limits.statement_timeout,
  idle_in_transaction_session_timeout: 10_000,
};

function aborted(): TryLater {
  return new TryLater("aborted", "stopped before it was finished");
}
