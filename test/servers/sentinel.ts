import { serverFolder, writeServerFile } from "./own-folder.ts";
import { freePort } from "./port.ts";
import { program } from "./program.ts";
import { redisAnswers } from "./redis-answers.ts";
import { type Server, startServer } from "./server.ts";

export type SentinelOptions = {
  /** The master it watches, with the login Sentinel uses there. */
  readonly master: { readonly port: number; readonly authUser?: string; readonly authPass?: string };
  /** Default `prod`. */
  readonly masterName?: string;
  /** How many Sentinels must agree that the master is down. Default 1. */
  readonly quorum?: number;
  /** How long the master may be silent or refuse before it counts as down. Default 1000. */
  readonly downAfterMs?: number;
  /** Password of the Sentinel itself. */
  readonly requirepass?: string;
};

export type Sentinel = Server & {
  readonly url: string;
  readonly masterName: string;
  /** Sentinel rewrites it at each SENTINEL SET. */
  readonly configFile: string;
};

/** Starts a redis-sentinel on a free loopback port; `SENTINEL MASTER <masterName>` tells what it sees. */
export async function startSentinel(options: SentinelOptions): Promise<Sentinel> {
  const port = await freePort();
  const folder = serverFolder("sentinel");
  const name = options.masterName ?? "prod";
  const configFile = writeServerFile(folder, "sentinel.conf", [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    ...(options.requirepass === undefined ? [] : [`requirepass ${JSON.stringify(options.requirepass)}`]),
    `sentinel monitor ${name} 127.0.0.1 ${options.master.port} ${options.quorum ?? 1}`,
    `sentinel down-after-milliseconds ${name} ${options.downAfterMs ?? 1000}`,
    `sentinel failover-timeout ${name} 10000`,
    ...(options.master.authUser === undefined ? [] : [`sentinel auth-user ${name} ${options.master.authUser}`]),
    ...(options.master.authPass === undefined
      ? []
      : [`sentinel auth-pass ${name} ${JSON.stringify(options.master.authPass)}`]),
  ]);
  const server = await startServer({
    name: "redis-sentinel",
    port,
    folder,
    command: program("redis-sentinel"),
    args: [configFile],
    answers: () => redisAnswers(port),
  });
  const login = options.requirepass === undefined ? "" : `:${encodeURIComponent(options.requirepass)}@`;
  return { ...server, url: `redis://${login}127.0.0.1:${port}`, masterName: name, configFile };
}
