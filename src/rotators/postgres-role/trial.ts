import { z } from "zod";
import type { Credential } from "../../core/credential.ts";
import { GiveUp, KeyturnError, TryLater } from "../../core/errors.ts";
import type { Context, Trial } from "../../core/ports.ts";
import { type Address, type PostgresRoleConfig, serversOf } from "./config.ts";
import { couldNotDecide, type ServerAnswer, serverAnswer } from "./failure.ts";
import { type Line, type Login, openLine } from "./line.ts";
import { tlsFor } from "./tls.ts";

/**
 * Logs in exactly once at every server, and once through PgBouncer where it asks the server about each login, and asks who it
 * is. Throws TryLater when one of them could not be reached or could not decide.
 */
export async function tryCredential(
  credential: Credential,
  config: PostgresRoleConfig,
  context: Context,
): Promise<Trial> {
  const trials: Trial[] = [];
  for (const server of serversOf(config)) trials.push(await tryThrough(server, credential, config, context));
  const direct = together(trials);
  if (config.pgbouncer?.mode !== "auth_query" || direct.verdict === "unknown") return direct;
  return alsoThrough(direct, await tryThrough(config.pgbouncer.url, credential, config, context));
}

/** Logs in exactly once over one path. Throws as `tryCredential` does. */
export async function tryThrough(
  path: Address,
  { ref, secret }: Credential,
  config: PostgresRoleConfig,
  context: Context,
): Promise<Trial> {
  const password = secret["password"];
  if (password === undefined) {
    throw new GiveUp("no_password", `the credential of role ${ref.principal} holds no password`);
  }
  return tryOnce(path, { username: ref.principal, password }, config, context);
}

const identity = z.object({ current_role_name: z.string(), login_name: z.string() });

async function tryOnce(path: Address, login: Login, config: PostgresRoleConfig, context: Context): Promise<Trial> {
  const tls = await tlsFor(config, path, context.resolve);
  const startedNs = process.hrtime.bigint();
  let line: Line;
  try {
    line = await openLine(path, login, { applicationName: context.session.name, signal: context.signal, tls });
  } catch (error) {
    if (error instanceof KeyturnError) throw error;
    return judge(serverAnswer(error), path);
  }
  try {
    const [who] = await line.rows(
      identity,
      "say who is logged in",
      "SELECT current_user::text AS current_role_name, session_user::text AS login_name",
    );
    const ms = Number((process.hrtime.bigint() - startedNs) / 1_000_000n);
    if (who?.login_name === login.username) return { verdict: "accepted", ms };
    return {
      verdict: "unknown",
      code: "other_user",
      sentence: `${path.label} let role ${login.username} in as another role`,
    };
  } finally {
    await line.close();
  }
}

/**
 * 28P01: wrong, gone or expired password. 28000 out of InitializeSessionUserId comes only after the right password, for a
 * role that may not log in; out of any other routine it is a missing pg_hba line, which proves nothing (seen on 15 and 18).
 */
function judge(answer: ServerAnswer | undefined, path: Address): Trial {
  if (answer === undefined || couldNotDecide(answer)) {
    throw new TryLater("unreachable", `postgresql at ${path.label} could not be asked for a login`);
  }
  const { sqlstate, routine } = answer;
  if (sqlstate === "28P01") return { verdict: "refused", code: sqlstate };
  if (sqlstate === "28000" && routine === "InitializeSessionUserId")
    return { verdict: "refused", code: sqlstate, disabled: true };
  return {
    verdict: "unknown",
    code: sqlstate,
    sentence: `${path.label} answered ${sqlstate}, which is no verdict about the password`,
  };
}

/**
 * The servers decide; PgBouncer must agree. Its own refusals have no SQLSTATE of their own (08P01 for a wrong password, an
 * unknown user and a broken lookup alike, seen on 1.18), so beside a refusal of the servers it is enough that it does not accept.
 */
function alsoThrough(direct: Trial, bouncer: Trial): Trial {
  if (direct.verdict === "accepted" && bouncer.verdict === "accepted")
    return { verdict: "accepted", ms: direct.ms + bouncer.ms };
  if (direct.verdict === "refused" && bouncer.verdict !== "accepted") return direct;
  const sentence =
    direct.verdict === "accepted"
      ? "the servers accept the login and PgBouncer does not"
      : "the servers refuse the login and PgBouncer accepts it";
  return { verdict: "unknown", code: "pgbouncer_disagrees", sentence };
}

/** Accepted and refused need all servers to agree. */
function together(trials: readonly Trial[]): Trial {
  const [first] = trials;
  const unknown = trials.find((trial) => trial.verdict === "unknown");
  if (unknown !== undefined || first === undefined)
    return unknown ?? { verdict: "unknown", code: "no_path", sentence: "there was nowhere to log in" };
  if (trials.some((trial) => trial.verdict !== first.verdict)) {
    return {
      verdict: "unknown",
      code: "servers_disagree",
      sentence: "some servers accepted the login and others refused it",
    };
  }
  if (first.verdict === "accepted") {
    return {
      verdict: "accepted",
      ms: trials.reduce((sum, trial) => sum + (trial.verdict === "accepted" ? trial.ms : 0), 0),
    };
  }
  const live = trials.find((trial) => trial.verdict === "refused" && trial.disabled !== true);
  return live ?? first;
}
