import type { ConnectionOptions } from "node:tls";
import { GiveUp } from "../../core/errors.ts";
import type { Context } from "../../core/ports.ts";
import type { Address } from "./address.ts";
import { type Connection, connect } from "./connection.ts";
import { infoOf } from "./replies.ts";
import { codeOf, readableError, replyOf } from "./reply-error.ts";

/** An administrative session at one server (or Sentinel). `runId` is the server's own name of this run of itself. */
export type AdminSession = Connection & {
  readonly address: Address;
  readonly runId: string;
  readonly info: ReadonlyMap<string, string>;
  /** Sends a command that changes something, right after the guard allowed it. */
  readonly change: Connection["call"];
};

type Login = { readonly username?: string | undefined; readonly password?: string | undefined };
type Way = { readonly tls: ConnectionOptions | undefined; readonly context: Context };

/**
 * Connects, logs in and names the connection `session.name`, in that order and before anything else is sent on it, so that
 * a later lease holder finds every connection on which a change can stand. Throws TryLater when the server does not
 * answer, GiveUp("admin_refused") when it refuses the login.
 */
export async function logIn(address: Address, { tls, context }: Way, login: Login): Promise<AdminSession> {
  const password = login.password === undefined ? undefined : await context.resolve(login.password);
  const connection = await connect(address, tls, context.signal);
  try {
    if (password !== undefined) {
      const words = ["AUTH", login.username ?? "default", password.reveal()] as const;
      await connection.raw(...words).catch((error: unknown) => {
        throw refusedLogin(error, address.node, login);
      });
    }
    await connection.call("CLIENT", "SETNAME", context.session.name);
    const info = infoOf(await connection.call("INFO", "server"));
    const change: Connection["call"] = (...words) => {
      context.session.guard();
      return connection.call(...words);
    };
    return { ...connection, address, runId: info.get("run_id") ?? address.node, info, change };
  } catch (error) {
    connection.close();
    throw error;
  }
}

function refusedLogin(error: unknown, node: string, login: Login): Error {
  const reply = replyOf(error);
  if (reply === undefined || codeOf(reply) !== "WRONGPASS") return readableError(error, node, "AUTH");
  return new GiveUp("admin_refused", `${node} refuses Keyturn's own login as ${login.username ?? "default"}`, {
    hint: `look at the user on the server and at the value behind ${login.password ?? "the reference"}`,
  });
}
