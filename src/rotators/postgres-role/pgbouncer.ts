import type { Credential } from "../../core/credential.ts";
import { GiveUp, KeyturnError, TryLater } from "../../core/errors.ts";
import type { Context, Finding } from "../../core/ports.ts";
import type { PostgresRoleConfig } from "./config.ts";
import { serverAnswer } from "./failure.ts";
import { type Line, openLine } from "./line.ts";
import { tlsFor } from "./tls.ts";
import { tryThrough } from "./trial.ts";

type Entry = Pick<PostgresRoleConfig, "pgbouncer" | "tls">;

/**
 * Makes PgBouncer read its auth_file again (console command RELOAD). It must run after the new `{{scram}}` was published
 * there and before the first consumer is reloaded. Running it twice does no harm. TryLater when the console cannot be reached.
 */
export async function reloadPgbouncer(config: Entry, context: Context): Promise<void> {
  const line = await openConsole(config, context);
  try {
    context.session.guard();
    await line.run("reload", "RELOAD");
  } finally {
    await line.close();
  }
}

/**
 * After a publish, with `auth_file`: has PgBouncer read the file again, then logs in through it with the credential that
 * consumers get next, where the server takes that one by now (two roles; with one role it does after issue only).
 *
 * @throws KeyturnError pgbouncer_refuses: another file was published than it reads, or it may not read it. Not final: who
 * was refused by the server as this role a moment ago makes PgBouncer refuse everybody as it for `server_login_retry`
 * (15 s), and no stranger may end a rotation by that.
 */
export async function tellPgbouncer(
  credential: Credential | undefined,
  config: PostgresRoleConfig,
  context: Context,
): Promise<void> {
  await reloadPgbouncer(config, context);
  const { pgbouncer } = config;
  if (credential === undefined || config.roles === undefined || pgbouncer === undefined) return;
  const trial = await tryThrough(pgbouncer.url, credential, config, context);
  if (trial.verdict === "accepted") return;
  const { principal } = credential.ref;
  const sentence = `PgBouncer at ${pgbouncer.url.label} does not let ${principal} in after the publish (${trial.code})`;
  throw new KeyturnError("pgbouncer_refuses", sentence, {
    hint: "is the published file its auth_file, and may it read it? its log says why; consumers are restarted after this only",
  });
}

/** Whether the console can be reached, where one is configured or needed. */
export async function pgbouncerFindings(config: PostgresRoleConfig, context: Context): Promise<readonly Finding[]> {
  const { pgbouncer } = config;
  if (pgbouncer === undefined) return [];
  if (pgbouncer.console === undefined) {
    if (pgbouncer.mode === "auth_query") return [];
    const sentence = "PgBouncer reads an auth_file, and no console is configured to reload it";
    return [
      {
        severity: "error",
        code: "no_pgbouncer_console",
        sentence,
        hint: "add pgbouncer.console with a user of admin_users",
      },
    ];
  }
  try {
    const line = await openConsole(config, context);
    await line.run("show its version", "SHOW VERSION").finally(() => line.close());
    return [];
  } catch (error) {
    const code = error instanceof KeyturnError ? error.code : "unexpected";
    const sentence = `the console of PgBouncer at ${pgbouncer.url.label} does not answer (${code})`;
    return [{ severity: pgbouncer.mode === "auth_file" ? "error" : "warning", code: "pgbouncer_console", sentence }];
  }
}

async function openConsole(config: Entry, context: Context): Promise<Line> {
  const { pgbouncer } = config;
  if (pgbouncer?.console === undefined)
    throw new GiveUp("no_pgbouncer_console", "no console of PgBouncer is configured");
  const address = { ...pgbouncer.url, database: "pgbouncer" };
  const { username, password } = pgbouncer.console;
  const login = { username, password: await context.resolve(password) };
  const options = {
    applicationName: context.session.name,
    signal: context.signal,
    tls: await tlsFor(config, address, context.resolve),
  };
  try {
    return await openLine(address, login, options);
  } catch (error) {
    if (error instanceof KeyturnError) throw error;
    const answer = serverAnswer(error);
    if (answer === undefined) throw new TryLater("unreachable", `PgBouncer at ${address.label} cannot be reached`);
    throw new KeyturnError(
      "console_refused",
      `PgBouncer at ${address.label} refused its console to ${username} with ${answer.sqlstate}`,
    );
  }
}
