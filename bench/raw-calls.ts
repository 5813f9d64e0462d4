import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile, rename } from "node:fs/promises";
import { get } from "node:http";
import { Client } from "pg";
import { z } from "zod";

/** One call to a server, as the driver was given it. `part`: what the rotation was doing at that moment. */
export type Call =
  | { readonly kind: "connect"; readonly connection: number; readonly part: Part; readonly login: Login }
  | {
      readonly kind: "query";
      readonly connection: number;
      readonly part: Part;
      readonly text: string;
      readonly values: unknown[];
    };
/** `act`: what changes something or proves it. `safety`: the reads of the gates, which a rotation without them would not make. */
export type Part = "act" | "safety";
type Login = z.infer<typeof Login>;

const Login = z.object({ user: z.string(), password: z.string(), database: z.string(), port: z.number() });
const Query = z.object({ text: z.string(), values: z.array(z.unknown()).optional() });

/** What was recorded, and how often and how long the other connections of this process (the journal's) were asked. */
export type Recorder = {
  readonly calls: () => readonly Call[];
  readonly other: () => { readonly statements: number; readonly ms: number };
  readonly stop: () => void;
};

/** Notes every login and statement of this process to `port`, until stopped. */
export function recordCalls(port: number, part: () => Part): Recorder {
  const calls: Call[] = [];
  const other = { statements: 0, ms: 0 };
  const connections = new WeakMap<object, number>();
  let count = 0;
  const putBack = [
    around("connect", (client) => {
      const login = Login.parse(client);
      if (login.port !== port) return undefined;
      connections.set(client, count);
      calls.push({ kind: "connect", connection: count, part: part(), login });
      count += 1;
      return undefined;
    }),
    around("query", (client, first) => {
      const connection = connections.get(client);
      const asked = Query.safeParse(first);
      if (connection !== undefined && asked.success) {
        const { text, values = [] } = asked.data;
        calls.push({ kind: "query", connection, part: part(), text, values });
      }
      if (connection !== undefined || part() !== "act") return undefined;
      const began = performance.now();
      other.statements += 1;
      return () => {
        other.ms += performance.now() - began;
      };
    }),
  ];
  return { calls: () => calls, other: () => ({ ...other }), stop: () => putBack.forEach((each) => each()) };
}

type Before = (client: object, first: unknown) => (() => void) | undefined;

/** Puts `before` in front of a method of the driver's client; what it returns is called when the answer is there. */
function around(method: "connect" | "query", before: Before): () => void {
  const original: unknown = Reflect.get(Client.prototype, method);
  if (typeof original !== "function") throw new Error(`the driver has no ${method}`);
  Reflect.set(Client.prototype, method, function (this: object, ...args: unknown[]): unknown {
    const after = before(this, args[0]);
    const result: unknown = Reflect.apply(original, this, args);
    if (after !== undefined && result instanceof Promise) void result.then(after, after);
    return result;
  });
  return () => void Reflect.set(Client.prototype, method, original);
}

/** Sends the same logins and statements again, one after the other, with a bare client. Refusals are part of it. */
export async function sendAgain(calls: readonly Call[]): Promise<number> {
  const clients = new Map<number, Client>();
  const began = performance.now();
  for (const call of calls) {
    if (call.kind === "connect") {
      const client = new Client({ host: "127.0.0.1", ...call.login });
      client.on("error", () => undefined);
      clients.set(call.connection, client);
      await client.connect().catch(() => undefined);
    } else {
      await clients
        .get(call.connection)
        ?.query({ text: call.text, values: call.values })
        .catch(() => undefined);
    }
  }
  for (const client of clients.values()) await client.end().catch(() => undefined);
  return performance.now() - began;
}

/** Reads the file, or writes what it holds again so that it survives a power cut; `times` each. */
export async function touchFile(
  file: string,
  times: { readonly reads: number; readonly writes: number },
): Promise<number> {
  const began = performance.now();
  for (let read = 0; read < times.reads; read++) await readFile(file);
  for (let write = 0; write < times.writes; write++) {
    const handle = await open(`${file}.raw`, "w");
    await handle.writeFile(await readFile(file));
    await handle.sync();
    await handle.close();
    await rename(`${file}.raw`, file);
  }
  return performance.now() - began;
}

/** Runs the commands, one after the other, without anything around them. */
export async function runBare(commands: readonly (readonly string[])[]): Promise<number> {
  const began = performance.now();
  for (const [program = "", ...args] of commands) {
    await once(spawn(program, args, { stdio: "ignore", env: {} }), "exit");
  }
  return performance.now() - began;
}

/** Asks for a page, each time on a connection of its own. */
export async function askBare(url: string, times: number): Promise<number> {
  const began = performance.now();
  for (let time = 0; time < times; time++) {
    await new Promise((resolve, reject) => {
      get(url, { agent: false }, (answer) => answer.resume().on("end", resolve)).on("error", reject);
    });
  }
  return performance.now() - began;
}
