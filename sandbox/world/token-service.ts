import { dirname } from "node:path";
import { z } from "zod";
import { forgetStart, noteStart, startedCommand } from "./started.ts";
import { type Front, startFront } from "./token-front.ts";
import { ask } from "./token-http.ts";
import { quietPort, startProcess, type TokenProcess } from "./token-process.ts";
import type { Settings } from "./token-settings.ts";

/** Several instances behind one front. Each has its own address too, which answers unless it is just being restarted. */
export type TokenService = {
  readonly name: string;
  readonly envFile: string;
  readonly front: Front;
  readonly instances: readonly TokenInstance[];
  /** Drains it, ends it, starts it on the same port; resolves with the time of the start. Throws when it does not start. */
  readonly restart: (id: string) => Promise<string>;
  /** Prints when it started, ISO 8601; fails while it does not run. */
  readonly startedCommand: (id: string) => readonly string[];
  /** SIGKILL, without draining; it stays down until it is restarted. */
  readonly kill: (id: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type TokenInstance = { readonly id: string; readonly url: string; readonly logFile: string };

/** What makes one instance: its settings but for id, port and address of the key set. */
export type ServiceSettings = Omit<Settings, "id" | "port" | "keySetUrl" | "ignoresPrevious">;

export type ServicePlan = {
  readonly name: string;
  readonly folder: string;
  readonly instances: number;
  readonly settings: ServiceSettings;
  readonly ignoresPrevious: (id: string) => boolean;
  /** Where the key set is; this service's own front when not given. */
  readonly keySetFront?: string;
};

type Running = TokenInstance & { readonly settings: Settings; process: TokenProcess; restarting?: Promise<string> };

type Started = { readonly process: TokenProcess; readonly startedAt: string };

const Stats = z.object({ startedAt: z.string() });

/** Starts all instances at once and waits until each is healthy. */
export async function startService(plan: ServicePlan): Promise<TokenService> {
  const front = await startFront();
  const running = new Map<string, Running>();
  const stop = async (): Promise<void> => {
    front.close();
    await Promise.all([...running.values()].map((each) => each.process.end()));
  };
  try {
    const ids = Array.from({ length: plan.instances }, (_, index) => `${plan.name}-${index + 1}`);
    const launched = await Promise.allSettled(ids.map(async (id) => running.set(id, await launch(plan, front, id))));
    for (const each of launched) if (each.status === "rejected") throw each.reason;
    return {
      name: plan.name,
      envFile: plan.settings.envFile,
      front,
      instances: ids.map((id) => instanceOf(running, id)).map(({ id, url, logFile }) => ({ id, url, logFile })),
      restart: (id) => restart(front, instanceOf(running, id)),
      startedCommand: (id) => startedCommand(plan.folder, id),
      kill: (id) => instanceOf(running, id).process.kill(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function launch(plan: ServicePlan, front: Front, id: string): Promise<Running> {
  const port = await quietPort();
  const keySetUrl = `${plan.keySetFront ?? front.url}/.well-known/jwks.json`;
  const settings = { ...plan.settings, id, port, keySetUrl, ignoresPrevious: plan.ignoresPrevious(id) };
  const logFile = `${plan.folder}/${id}.log`;
  const { process } = await run(front, settings, logFile);
  return { id, url: `http://127.0.0.1:${port}`, logFile, settings, process };
}

/** Starts a process, notes when, and lets requests go to it until it ends, whatever ends it. */
async function run(front: Front, settings: Settings, logFile: string): Promise<Started> {
  const { id, port } = settings;
  const folder = dirname(logFile);
  const process = await startProcess(settings, logFile);
  front.admit(id, port);
  void process.gone.then(() => {
    forgetStart(folder, id);
    return front.withdraw(id);
  });
  const { startedAt } = Stats.parse(JSON.parse((await ask(`http://127.0.0.1:${port}/stats`)).body));
  await noteStart(folder, id, startedAt);
  return { process, startedAt };
}

/** Two that ask for it at once get the same restart. */
function restart(front: Front, instance: Running): Promise<string> {
  const work = async (): Promise<string> => {
    await front.withdraw(instance.id);
    await instance.process.end();
    const { process, startedAt } = await run(front, instance.settings, instance.logFile);
    instance.process = process;
    return startedAt;
  };
  instance.restarting ??= work().finally(() => {
    delete instance.restarting;
  });
  return instance.restarting;
}

function instanceOf(running: ReadonlyMap<string, Running>, id: string): Running {
  const found = running.get(id);
  if (found === undefined) throw new Error(`there is no instance ${id}`);
  return found;
}
