import { serverFolder, writeServerFile } from "./own-folder.ts";
import { freePort } from "./port.ts";
import { program } from "./program.ts";
import { redisAnswers } from "./redis-answers.ts";
import { type Server, startServer } from "./server.ts";

export type RedisOptions = {
  /** The `requirepass` line. Beside an aclFile it protects nothing (the default user is then `nopass`), as in real life. */
  readonly requirepass?: string;
  /** Start with an ACL file that holds `users`; otherwise `users` are lines of redis.conf. Default false. */
  readonly aclFile?: boolean;
  /** ACL users as Redis writes them, without the word `user`: `app on >secret ~* &* +@all`. */
  readonly users?: readonly string[];
  readonly replicaOf?: { readonly port: number; readonly masterauth?: string; readonly masteruser?: string };
  /** Further lines of redis.conf, after ours. */
  readonly config?: readonly string[];
};

export type Redis = Server & {
  /** With the default user's password when `requirepass` is set. */
  readonly url: string;
  /** Undefined without the option aclFile. */
  readonly aclFile: string | undefined;
  readonly configFile: string;
  /** A URL with the given login; both parts are percent-encoded. */
  urlFor(username: string, password: string): string;
};

/** Starts a redis-server on a free loopback port, without persistence of data; ends with `await using` or stop(). */
export async function startRedis(options: RedisOptions = {}): Promise<Redis> {
  const port = await freePort();
  const folder = serverFolder("redis");
  const users = (options.users ?? []).map((user) => `user ${user}`);
  const aclFile = options.aclFile === true ? writeServerFile(folder, "users.acl", users) : undefined;
  const configFile = writeServerFile(folder, "redis.conf", [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    'save ""',
    "appendonly no",
    "repl-diskless-sync-delay 0",
    ...(options.requirepass === undefined ? [] : [`requirepass ${JSON.stringify(options.requirepass)}`]),
    ...replication(options.replicaOf),
    ...(aclFile === undefined ? users : [`aclfile ${aclFile}`]),
    ...(options.config ?? []),
  ]);
  const server = await startServer({
    name: "redis-server",
    port,
    folder,
    command: program("redis-server"),
    args: [configFile],
    answers: () => redisAnswers(port),
  });
  const urlFor = (username: string, password: string): string =>
    `redis://${encodeURIComponent(username)}:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  const url = options.requirepass === undefined ? `redis://127.0.0.1:${port}` : urlFor("", options.requirepass);
  return { ...server, url, urlFor, aclFile, configFile };
}

function replication(replicaOf: RedisOptions["replicaOf"]): string[] {
  if (replicaOf === undefined) return [];
  return [
    `replicaof 127.0.0.1 ${replicaOf.port}`,
    ...(replicaOf.masteruser === undefined ? [] : [`masteruser ${replicaOf.masteruser}`]),
    ...(replicaOf.masterauth === undefined ? [] : [`masterauth ${JSON.stringify(replicaOf.masterauth)}`]),
  ];
}
