import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { openControl } from "./control.ts";
import { forgetStart, noteStart, startedCommand } from "./started.ts";

export type Counts = { readonly logins: number; readonly refused: number; readonly errors: number };
export type WorldInstance = { readonly id: string; readonly url: string; readonly logFile: string };

/** A running application: instances that read `envFile` when they start, and the door through which they are restarted. */
export type World = {
  readonly instances: readonly WorldInstance[];
  /** Argument list that restarts one instance, and one that prints when it started. */
  readonly restartCommand: (id: string) => readonly string[];
  readonly startedCommand: (id: string) => readonly string[];
  /** Restarts one instance, as the command does. */
  readonly restart: (id: string) => Promise<void>;
  /** Puts another value into the `.env`, as a person with an editor would. */
  readonly rewrite: (key: string, value: string) => Promise<void>;
  /** Sums over all instances, restarts included. */
  readonly totals: () => Promise<Counts>;
  readonly stop: () => Promise<void>;
};

export type WorldOptions = {
  readonly kind: "postgres" | "redis";
  readonly envFile: string;
  /** The variable that holds its connection string, or several. */
  readonly key: string | readonly string[];
  readonly logFolder: string;
  readonly ids: readonly string[];
  /** Time between two logins of one instance. */
  readonly everyMs: number;
};

const Counted = z.object({ logins: z.int(), refused: z.int(), errors: z.int() });
const Stats = z.object({ startedAt: z.string(), ...Counted.shape });

type Running = WorldInstance & {
  readonly port: number;
  child: ChildProcess;
  gone: Counts;
  readonly output: { text: string };
};

/** Starts the instances and waits until each has logged in. Everything listens on loopback, on free ports. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const running = new Map<string, Running>();
  for (const id of options.ids) running.set(id, await launch(options, id));
  const control = await openControl((id) => restart(options, running, id));
  await Promise.all([...running.values()].map((instance) => noted(options, instance)));
  return {
    instances: [...running.values()].map(({ id, url, logFile }) => ({ id, url, logFile })),
    restartCommand: control.restartCommand,
    startedCommand: (id) => startedCommand(options.logFolder, id),
    restart: (id) => restart(options, running, id),
    rewrite: async (key, value) => {
      const text = await readFile(options.envFile, "utf8");
      await writeFile(
        options.envFile,
        text.replace(new RegExp(`^${key}=.*$`, "m"), () => `${key}=${value}`),
      );
    },
    totals: async () =>
      sum([
        ...(await Promise.all([...running.values()].map(({ port }) => statsOf(port)))),
        ...[...running.values()].map(({ gone }) => gone),
      ]),
    stop: async () => {
      control.close();
      await Promise.all([...running.values()].map(end));
    },
  };
}

async function restart(options: WorldOptions, running: Map<string, Running>, id: string): Promise<void> {
  const instance = running.get(id);
  if (instance === undefined) {
    throw new Error(`there is no instance ${id}`);
  }
  const counts = await end(instance);
  const next = await launch(options, id, instance.port);
  running.set(id, { ...next, gone: sum([instance.gone, counts]) });
  await noted(options, next).catch(() => undefined);
}

/** When an instance started is noted once it is healthy. */
async function noted({ logFolder }: WorldOptions, { id, port }: Running): Promise<void> {
  await healthy(port);
  await noteStart(logFolder, id, (await statsOf(port)).startedAt);
}

async function launch(options: WorldOptions, id: string, known?: number): Promise<Running> {
  const port = known ?? (await freePort());
  const logFile = `${options.logFolder}/${id}.log`;
  const settings = {
    id,
    kind: options.kind,
    envFile: options.envFile,
    keys: typeof options.key === "string" ? [options.key] : options.key,
    port,
    logFile,
    everyMs: options.everyMs,
  };
  const script = fileURLToPath(new URL("./instance.ts", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { NODE_COMPILE_CACHE: `${options.logFolder}/compile-cache` },
  });
  child.once("exit", () => forgetStart(options.logFolder, id));
  const output = { text: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    output.text += chunk.toString();
  });
  return {
    id,
    url: `http://127.0.0.1:${port}`,
    port,
    logFile,
    child,
    gone: { logins: 0, refused: 0, errors: 0 },
    output,
  };
}

/** Ends one instance and returns what it had counted. */
async function end(instance: Running): Promise<Counts> {
  if (instance.child.exitCode === null && instance.child.signalCode === null) {
    const closed = new Promise((resolve) => instance.child.once("close", resolve));
    instance.child.kill("SIGTERM");
    await closed;
  }
  const line = instance.output.text.trim().split("\n").at(-1) ?? "";
  const counted = Counted.safeParse(line.startsWith("{") ? JSON.parse(line) : undefined);
  return counted.success ? counted.data : { logins: 0, refused: 0, errors: 0 };
}

async function statsOf(port: number): Promise<z.infer<typeof Stats>> {
  const answer = await fetch(`http://127.0.0.1:${port}/stats`);
  return Stats.parse(await answer.json());
}

async function healthy(port: number): Promise<void> {
  const until = Date.now() + 20_000;
  while (Date.now() < until) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (answer?.status === 200) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the instance on port ${port} did not become healthy`);
}

function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (a, b) => ({ logins: a.logins + b.logins, refused: a.refused + b.refused, errors: a.errors + b.errors }),
    { logins: 0, refused: 0, errors: 0 },
  );
}

async function freePort(): Promise<number> {
  const probe = createTcpServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const port = portOf(probe.address());
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") {
    throw new Error("no port");
  }
  return address.port;
}
