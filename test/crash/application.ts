import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readEnv } from "../../sandbox/world/token-env.ts";
import { ask } from "../../sandbox/world/token-http.ts";
import { quietPort } from "../../sandbox/world/token-process.ts";
import { compileCache } from "../servers/run-folder.ts";

/** Two processes of one program, each given what stands in a `.env` when it starts, as docker compose does. */
export type Application = {
  readonly instances: readonly { readonly id: string; readonly url: string; readonly logFile: string }[];
  /** Resolves, when it is healthy again, with a time before its `.env` was read (ISO 8601). Two that ask at once get the same restart. */
  readonly restart: (id: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

type Settings = {
  /** The program's file, relative to this folder. Reads PORT, answers at /health, ends when its input does. */
  readonly script: string;
  readonly folder: string;
  readonly envFile: string;
  /** What it is given beside the `.env`. */
  readonly env: Readonly<Record<string, string>>;
};

export async function startApplication(settings: Settings): Promise<Application> {
  const running = new Map<string, ChildProcess>();
  const restarting = new Map<string, Promise<string>>();
  const instances: Place[] = [];
  for (const id of ["one", "two"]) {
    const port = await quietPort();
    const logFile = join(settings.folder, `${id}.log`);
    instances.push({ id, port, url: `http://127.0.0.1:${port}`, logFile });
  }
  const begin = async (id: string): Promise<string> => {
    const instance = instances.find((each) => each.id === id);
    if (instance === undefined) throw new Error(`there is no instance ${id}`);
    await end(running.get(id));
    const at = new Date().toISOString();
    const child = await launch(settings, instance);
    running.set(id, child);
    await healthy(instance, child);
    return at;
  };
  const restart = (id: string): Promise<string> => {
    const under = restarting.get(id) ?? begin(id).finally(() => restarting.delete(id));
    restarting.set(id, under);
    return under;
  };
  const stop = async (): Promise<void> => void (await Promise.all([...running.values()].map(end)));
  try {
    await Promise.all(instances.map(({ id }) => restart(id)));
  } catch (error) {
    await stop();
    throw error;
  }
  return { instances, restart, stop };
}

type Place = { readonly id: string; readonly port: number; readonly url: string; readonly logFile: string };

async function launch({ script, envFile, env }: Settings, { port, logFile }: Place): Promise<ChildProcess> {
  const variables = await readEnv(envFile);
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url))], {
    stdio: ["pipe", log, log],
    env: {
      ...variables,
      ...env,
      PORT: String(port),
      ENDS_WITH_STDIN: "yes",
      NODE_COMPILE_CACHE: compileCache(),
    },
  });
  closeSync(log);
  return child;
}

async function healthy({ id, url, logFile }: Place, child: ChildProcess): Promise<void> {
  const giveUpMs = performance.now() + 60_000;
  while (performance.now() < giveUpMs && !hasEnded(child)) {
    if ((await ask(`${url}/health`).catch(() => undefined))?.status === 200) return;
    await sleep(20);
  }
  throw new Error(`instance ${id} did not start: see ${logFile}`);
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(late);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
