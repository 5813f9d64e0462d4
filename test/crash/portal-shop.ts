import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseEnv } from "node:util";
import { z } from "zod";
import { ask } from "../../sandbox/world/token-http.ts";

/** A key of a portal; only its second half is secret. */
export type Pair = { readonly key: string; readonly secret: string };

/** Variables in which the application finds its pair. */
export const pairVariables = { key: "PORTAL_KEY", secret: "PORTAL_SECRET" } as const;

/** An application that calls the portal's service with the pair that it found in its `.env` when it started. */
export type PortalShop = {
  readonly instances: readonly { readonly id: string; readonly url: string; readonly logFile: string }[];
  /** Resolves, with the time of the start (ISO 8601), when its new pair was accepted once, or after 5 s. */
  readonly restart: (id: string) => Promise<string>;
  readonly started: (id: string) => string;
  /** What each instance runs on. */
  readonly pairs: () => readonly (readonly [id: string, pair: Pair])[];
  /** Calls that were refused since the start, of all instances. */
  readonly refused: () => number;
  readonly close: () => Promise<void>;
};

type Instance = { readonly id: string; pair: Pair; startedAt: string; status: number };

const everyMs = 100;
const patienceMs = 5_000;
const Address = z.object({ port: z.number() });

/** Two instances in this process, each of which calls ten times a second. `url`: the service. Logs lie in `folder`. */
export async function startPortalShop(settings: {
  readonly folder: string;
  readonly envFile: string;
  readonly url: string;
}): Promise<PortalShop> {
  const { folder, envFile, url } = settings;
  const instances = new Map(["one", "two"].map((id) => [id, start(id)]));
  let refused = 0;
  function start(id: string): Instance {
    return { id, pair: pairIn(readFileSync(envFile, "utf8")), startedAt: new Date().toISOString(), status: 0 };
  }
  function having(id: string): Instance {
    const instance = instances.get(id);
    if (instance === undefined) throw new Error(`there is no instance ${id}`);
    return instance;
  }
  const server = createServer((request, response) => {
    const status = instances.get((request.url ?? "").split("/")[1] ?? "")?.status;
    response.writeHead(status === 200 ? 200 : 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = Address.parse(server.address());
  const call = async (instance: Instance): Promise<void> => {
    instance.status = await present(url, instance.pair);
    if (instance.status !== 401) return;
    refused += 1;
    appendFileSync(
      join(folder, `${instance.id}.log`),
      `${new Date().toISOString()} ERROR auth error: the portal refused ${instance.pair.key}\n`,
    );
  };
  for (const id of instances.keys()) appendFileSync(join(folder, `${id}.log`), "");
  await Promise.all([...instances.values()].map(call));
  const timer = setInterval(() => void Promise.all([...instances.values()].map(call)), everyMs);
  return {
    instances: [...instances.keys()].map((id) => ({
      id,
      url: `http://127.0.0.1:${port}/${id}`,
      logFile: join(folder, `${id}.log`),
    })),
    restart: async (id) => {
      const instance = start(id);
      instances.set(id, instance);
      const until = performance.now() + patienceMs;
      while (instance.status !== 200 && performance.now() < until) await sleep(10);
      return instance.startedAt;
    },
    started: (id) => having(id).startedAt,
    pairs: () => [...instances.values()].map(({ id, pair }) => [id, pair] as const),
    refused: () => refused,
    close: () => {
      clearInterval(timer);
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The pair in the text of a `.env`. */
export function pairIn(text: string): Pair {
  const variables = parseEnv(text);
  return { key: variables[pairVariables.key] ?? "", secret: variables[pairVariables.secret] ?? "" };
}

/** The status that the service gives to a pair; 0: no answer. */
export async function present(url: string, pair: Pair): Promise<number> {
  const headers = { "content-type": "application/json" };
  const answer = await ask(url, { method: "POST", headers, body: JSON.stringify(pair) }).catch(() => undefined);
  return answer?.status ?? 0;
}
