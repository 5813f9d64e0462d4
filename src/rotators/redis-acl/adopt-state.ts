import { z } from "zod";
import type { Context } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { type AclUser, readUser } from "./acl-user.ts";
import type { AdminSession } from "./admin-login.ts";
import { isOurs, readClients } from "./client-list.ts";
import { type Config, principalsOf } from "./config.ts";
import { openFleet } from "./fleet.ts";
import { aclHash } from "./generation.ts";
import { readReplicationLogin, versionOf } from "./hops.ts";
import { settingOf } from "./replies.ts";

/** How one server stands. Names, numbers and yes or no: no password and no hash. */
export type ServerState = {
  readonly node: string;
  readonly version: string;
  readonly aclFile: string;
  readonly configFile: string;
  readonly requirepassSet: boolean;
  readonly defaultOpen: boolean;
  /** A client that sends only the password which applications use now becomes `default`. */
  readonly defaultPresent: boolean;
  /** Sessions that sent no user name. */
  readonly defaultSessions: number;
  readonly adminExists: boolean;
  /** By user of the target. `present`: it accepts the password that applications use now. */
  readonly users: Readonly<Record<string, { readonly on: boolean; readonly present: boolean } | undefined>>;
  /** As whom it logs in at its master; undefined when it has no masterauth. */
  readonly replicatesAs: string | undefined;
};

/** The login that applications use today: all that is known of a server that nobody has prepared for Keyturn. */
export type PresentLogin = { readonly username: string; readonly password: Secret };

/**
 * Looks at every server of the target, as Keyturn's administrator where there is one, else with the applications' own
 * login. Reads only. Throws what the servers answer when neither is accepted or allowed to look.
 */
export async function readServers(
  config: Config,
  context: Context,
  present: PresentLogin,
): Promise<readonly ServerState[]> {
  const asPresent = { ...config, admin: { username: present.username, password: "present" } };
  const resolve: Context["resolve"] = async (name) => (name === "present" ? present.password : context.resolve(name));
  const ways = [
    { config, context },
    { config: asPresent, context: { ...context, resolve } },
  ];
  let refused: unknown;
  for (const way of ways) {
    try {
      return await lookAround(way.config, way.context, config, present);
    } catch (error) {
      context.signal.throwIfAborted();
      refused ??= error;
    }
  }
  throw refused instanceof Error ? refused : new Error("no login was accepted");
}

async function lookAround(
  login: Config,
  context: Context,
  target: Config,
  present: PresentLogin,
): Promise<readonly ServerState[]> {
  const fleet = await openFleet(login, context);
  try {
    return await Promise.all((await fleet.nodes()).map((node) => stateOf(node, context, target, present)));
  } finally {
    await fleet.close();
  }
}

async function stateOf(
  node: AdminSession,
  context: Context,
  target: Config,
  present: PresentLogin,
): Promise<ServerState> {
  const setting = async (name: string): Promise<string> => settingOf(await node.call("CONFIG", "GET", name), name);
  const byDefault = await readUser(node, "default");
  const users = await Promise.all(
    principalsOf(target).map(async (name) => [name, summaryOf(await readUser(node, name), present)] as const),
  );
  const { user, hash } = await readReplicationLogin(node);
  const clients = await readClients(node);
  return {
    node: node.node,
    version: versionOf(node),
    aclFile: await setting("aclfile"),
    configFile: z.string().catch("").parse(node.info.get("config_file")),
    requirepassSet: (await setting("requirepass")) !== "",
    defaultOpen: byDefault?.on === true && byDefault.nopass,
    defaultPresent: byDefault?.on === true && summaryOf(byDefault, present)?.present === true,
    defaultSessions: clients.filter((client) => client.user === "default" && !isOurs({ context }, client)).length,
    adminExists: (await readUser(node, target.admin.username)) !== undefined,
    users: Object.fromEntries(users),
    replicatesAs: hash === undefined ? undefined : user,
  };
}

function summaryOf(user: AclUser | undefined, { password }: PresentLogin): ServerState["users"][string] {
  return user === undefined ? undefined : { on: user.on, present: user.hashes.includes(aclHash(password)) };
}
