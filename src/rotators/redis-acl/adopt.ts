import { addressOf } from "./address.ts";
import type { ServerState } from "./adopt-state.ts";
import { alternates, type Config, principalsOf } from "./config.ts";
import { nodeRights } from "./rights.ts";

/** One thing to do on the way to a server that rotates without refusing anybody. Commands are for a POSIX shell, in order. */
export type AdoptStep = {
  readonly title: string;
  /** What it does to those who are connected or connect meanwhile: nothing, or whom it refuses. */
  readonly effect: "refuses nobody" | "refuses some";
  readonly why: string;
  readonly commands: readonly string[];
  readonly undo: readonly string[];
};

/**
 * The steps that bring these servers into a shape in which this target rotates. Pure; prints no secret: the commands take
 * the present password from REDISCLI_AUTH and Keyturn's own from KEYTURN_REDIS_PASSWORD, and send hashes only. An empty
 * list: nothing is to be done.
 */
export function adopt(servers: readonly ServerState[], config: Config): readonly AdoptStep[] {
  const perServer = servers.flatMap((server) => [
    ...(server.defaultOpen ? [closeDefault(server, config)] : []),
    ...(server.adminExists ? [] : [makeAdmin(server, config)]),
    ...principalsOf(config).flatMap((name, index) => userSteps(server, name, index, config)),
    ...(hasFile(server) ? [save(server, config)] : []),
  ]);
  // Saving alone is no change.
  const changes = perServer.some((step) => step.title !== saveTitle) ? perServer : [];
  return [...changes, ...notes(servers, config)];
}

const saveTitle = "Save the users to the server's own file";
const presentHash = `"#$(printf %s "$REDISCLI_AUTH" | sha256sum | cut -c1-64)"`;
const adminHash = `"#$(printf %s "$KEYTURN_REDIS_PASSWORD" | sha256sum | cut -c1-64)"`;

function makeAdmin(server: ServerState, config: Config): AdoptStep {
  const name = config.admin.username;
  return {
    title: `Give Keyturn a user of its own at ${server.node}`,
    effect: "refuses nobody",
    why: `put a random password into KEYTURN_REDIS_PASSWORD and behind ${config.admin.password} first; the user may manage users and connections and sees no data`,
    commands: [
      cli(
        server,
        config,
        `ACL SETUSER ${name} on ${adminHash} resetkeys resetchannels -@all ${nodeRights.map((right) => `'${right}'`).join(" ")}`,
      ),
    ],
    undo: [cli(server, config, `ACL DELUSER ${name}`)],
  };
}

/** A named user starts with the password that applications have, so that only the name is new to them. */
function userSteps(server: ServerState, name: string, index: number, config: Config): readonly AdoptStep[] {
  const state = server.users[name];
  if (name === "default" || state !== undefined) return [];
  const vacant = alternates(config) && index === 1;
  return [
    {
      title: `Make the user ${name} at ${server.node}`,
      effect: "refuses nobody",
      why: vacant
        ? "it stays off until its turn comes; both users must be allowed the same"
        : "it has the present password and the rights of default: publish the user name beside the password, and clients change over one by one. Narrow its rights later, as a change of its own",
      commands: [cli(server, config, `ACL SETUSER ${name} ${vacant ? "off" : `on ${presentHash}`} '~*' '&*' +@all`)],
      undo: [cli(server, config, `ACL DELUSER ${name}`)],
    },
  ];
}

/** The first password of `default` ends `nopass`; whoever sends that password anyway notices nothing. */
function closeDefault(server: ServerState, config: Config): AdoptStep {
  const because =
    server.requirepassSet && server.aclFile !== ""
      ? "requirepass is set, but the ACL file has no line for default, so "
      : "";
  return {
    title: `Close the open user default at ${server.node}`,
    effect: "refuses some",
    why: `${because}the server lets everybody in; new connections that send no password, or another one, are refused from now on (${String(server.defaultSessions)} sessions as default are open and stay)`,
    commands: [cli(server, config, `ACL SETUSER default ${presentHash}`)],
    undo: [cli(server, config, "ACL SETUSER default nopass")],
  };
}

function save(server: ServerState, config: Config): AdoptStep {
  const command = server.aclFile === "" ? "CONFIG REWRITE" : "ACL SAVE";
  return {
    title: saveTitle,
    effect: "refuses nobody",
    why: `without it a restart of ${server.node} forgets them`,
    commands: [cli(server, config, command)],
    undo: [],
  };
}

/** What no command on a running server mends, or what comes only after every client has changed over. */
function notes(servers: readonly ServerState[], config: Config): readonly AdoptStep[] {
  const found: AdoptStep[] = [];
  const note = (title: string, why: string): void => {
    found.push({ title, why, commands: [], undo: [], effect: "refuses nobody" });
  };
  for (const server of servers) {
    if (server.aclFile === "" && server.configFile === "") {
      note(
        `Give ${server.node} a file to keep users in`,
        "it runs without a configuration file, so a restart forgets every user made above: start it with redis-server FILE",
      );
    }
    if (
      server.replicatesAs !== undefined &&
      principalsOf(config).includes(server.replicatesAs) &&
      !config.replicationUser
    ) {
      note(
        `Write replicationUser: true into the target`,
        `${server.node} logs in at its master as ${server.replicatesAs}; the rotation then moves masterauth before the old password goes`,
      );
    }
    if (server.requirepassSet) {
      note(
        `Delete the line requirepass from the configuration of ${server.node} before its next restart`,
        "it stays there in plain text beside the users, and its value dies with the first rotation; never CONFIG SET requirepass, which cuts everybody at once",
      );
    }
    if (!principalsOf(config).includes("default") && server.defaultPresent)
      found.push(switchDefaultOff(server, config));
  }
  return found;
}

/** Keyturn's user does it, because whoever came as default could not take it back. */
function switchDefaultOff(server: ServerState, config: Config): AdoptStep {
  const asAdmin = (command: string): string =>
    `REDISCLI_AUTH="$KEYTURN_REDIS_PASSWORD" ${cli(server, config, `--user ${config.admin.username} ${command}`)}`;
  const file = server.aclFile === "" ? "CONFIG REWRITE" : "ACL SAVE";
  const replication =
    server.replicatesAs === "default"
      ? "; replication is one of them: give it a user of its own (masteruser, masterauth) first"
      : "";
  return {
    title: `Last, when CLIENT LIST shows no user=default at ${server.node} any more: switch default off`,
    effect: "refuses some",
    why: `the password that applications have today stays valid for default until then; whoever still sends no user name is refused, replicas and Sentinels included${replication}`,
    commands: [asAdmin("ACL SETUSER default off"), asAdmin(file)],
    undo: [asAdmin("ACL SETUSER default on"), asAdmin(file)],
  };
}

function cli(server: ServerState, config: Config, command: string): string {
  const { host, port } = addressOf(`redis://${server.node}`);
  const tls = config.url.startsWith("rediss://") ? " --tls" : "";
  return `redis-cli -h ${host} -p ${String(port)}${tls} ${command}`;
}

function hasFile({ aclFile, configFile }: ServerState): boolean {
  return aclFile !== "" || configFile !== "";
}
