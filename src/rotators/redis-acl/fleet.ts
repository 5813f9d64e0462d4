import type { Context } from "../../core/ports.ts";
import { type Address, addressOf } from "./address.ts";
import { type AdminSession, logIn } from "./admin-login.ts";
import type { Config } from "./config.ts";
import { type Connection, connect } from "./connection.ts";
import { neighboursOf, sentinelAddresses } from "./discover.ts";
import { tlsOf } from "./tls.ts";

/** A server that could not be looked at, and why. */
export type Missing = { readonly node: string; readonly error: unknown };

/**
 * The administrative sessions of one issuer: one per server, opened when the server is first seen, never opened again when
 * it ends. Who needs another opens another issuer.
 */
export type Fleet = {
  /** Every server that there is now. Throws what the first unreachable one answered: a change must reach all of them. */
  readonly nodes: () => Promise<readonly AdminSession[]>;
  /** The same, with the unreachable ones named instead. */
  readonly look: () => Promise<{ readonly nodes: readonly AdminSession[]; readonly missing: readonly Missing[] }>;
  readonly sentinels: () => Promise<readonly AdminSession[]>;
  /** A connection that is logged in as nobody, over the path that applications take. */
  readonly visit: (address: Address) => Promise<Connection>;
  readonly close: () => Promise<void>;
};

/** Prepares the sessions; opens none. */
export async function openFleet(config: Config, context: Context): Promise<Fleet> {
  const tls = await tlsOf(config, context);
  const sessions = new Map<string, Promise<AdminSession>>();
  const open = (address: Address, login: Parameters<typeof logIn>[2]): Promise<AdminSession> => {
    const known = sessions.get(address.node);
    if (known !== undefined) return known;
    const opened = logIn(address, { tls, context }, login);
    sessions.set(address.node, opened);
    opened.catch(() => sessions.delete(address.node));
    return opened;
  };
  const openSentinel = (address: Address): Promise<AdminSession> => open(address, sentinelLogin(config));
  const look: Fleet["look"] = async () => {
    const found = new Map<string, AdminSession>();
    const missing: Missing[] = [];
    const seen = new Set<string>();
    const watchers = await sentinelAddresses(config, await settled(sentinelUrls(config), openSentinel, missing));
    let next: readonly Address[] = [...[config.url, ...(config.nodes ?? [])].map(addressOf), ...watchers];
    while (next.length > 0) {
      const fresh = next.filter(({ node }) => !seen.has(node) && seen.add(node).has(node));
      const looks = await Promise.all(fresh.map((address) => lookAt(address, config, open)));
      for (const { session } of looks)
        if (session !== undefined && !found.has(session.runId)) found.set(session.runId, session);
      missing.push(...looks.flatMap((each) => (each.missing === undefined ? [] : [each.missing])));
      next = looks.flatMap(({ neighbours }) => neighbours);
    }
    context.signal.throwIfAborted();
    return { nodes: [...found.values()], missing };
  };
  return {
    look,
    nodes: async () => {
      const { nodes, missing } = await look();
      for (const { error } of missing)
        throw error instanceof Error ? error : new Error("a server could not be reached");
      return nodes;
    },
    sentinels: () => Promise.all(sentinelUrls(config).map(openSentinel)),
    visit: (address) => connect(address, tls, context.signal),
    close: async () => {
      const opened = await Promise.allSettled(sessions.values());
      for (const each of opened) if (each.status === "fulfilled") each.value.close();
    },
  };
}

type Look = { readonly session?: AdminSession; readonly missing?: Missing; readonly neighbours: readonly Address[] };

async function lookAt(
  address: Address,
  config: Config,
  open: (address: Address, login: Config["admin"]) => Promise<AdminSession>,
): Promise<Look> {
  try {
    const session = await open(address, config.admin);
    return { session, neighbours: await neighboursOf(config, session) };
  } catch (error) {
    return { missing: { node: address.node, error }, neighbours: [] };
  }
}

/** Opens all, and names those that could not be opened. */
async function settled(
  addresses: readonly Address[],
  open: (address: Address) => Promise<AdminSession>,
  missing: Missing[],
): Promise<readonly AdminSession[]> {
  const opened = await Promise.all(
    addresses.map((address) =>
      open(address).catch((error: unknown) => {
        missing.push({ node: address.node, error });
      }),
    ),
  );
  return opened.filter((session) => session !== undefined);
}

function sentinelUrls(config: Config): readonly Address[] {
  return (config.sentinels?.urls ?? []).map(addressOf);
}

function sentinelLogin(config: Config): Parameters<typeof logIn>[2] {
  return { username: config.sentinels?.username, password: config.sentinels?.password };
}
