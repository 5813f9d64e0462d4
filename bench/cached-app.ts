import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { loginWith } from "../sandbox/world/login.ts";
import { portOf } from "./port-of.ts";
import type { Place } from "./target.ts";

/** An application that keeps what it has read for a while, whatever it is told. */
export type CachedApp = {
  readonly consumers: readonly unknown[];
  readonly checks: readonly unknown[];
  readonly counts: { logins: number; refused: number; errors: number };
  readonly close: () => Promise<void>;
};

/** Between two logins of one instance. */
const everyMs = 100;

/**
 * Two instances that log in all the time with what they read at most `cacheMs` ago. A reload only notes its time. Of the
 * one called "open" it can be seen which role it uses; of the one called "closed" only when it was reloaded last, so that
 * nothing but the grace covers its cache.
 */
export async function startCachedApp(folder: string, place: Place, cacheMs: number): Promise<CachedApp> {
  const counts = { logins: 0, refused: 0, errors: 0 };
  const open = cachedValue(place.envFile, cacheMs);
  const closed = cachedValue(place.envFile, cacheMs);
  const running = [login(open, "open", counts), login(closed, "closed", counts)];
  const server = createServer((_, response) => response.end(JSON.stringify({ principal: open.principal() })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const page = `http://127.0.0.1:${String(portOf(server.address()))}/`;
  const stamp = (id: string): string => join(folder, `${place.tag}-${id}`);
  const sees = {
    open: { http: page, json: "$.principal", equals: "{{username}}" },
    closed: { started: ["/bin/date", "-u", "-r", stamp("closed"), "+%Y-%m-%dT%H:%M:%S.%3NZ"] },
  };
  return {
    consumers: [
      {
        kind: "command",
        name: `app-${place.tag}`,
        instances: (["open", "closed"] as const).map((id) => ({
          id,
          reload: ["/bin/touch", stamp(id)],
          sees: sees[id],
          addresses: ["127.0.0.1"],
          clients: [id],
        })),
      },
    ],
    checks: [{ kind: "login" }],
    counts,
    close: async () => {
      await Promise.all(running.map((each) => each.stop()));
      server.close();
      server.closeAllConnections();
    },
  };
}

type Cached = { readonly get: () => Promise<string>; readonly principal: () => string };

function cachedValue(file: string, cacheMs: number): Cached {
  let value: string | undefined;
  let readMs = 0;
  return {
    get: async () => {
      if (value === undefined || performance.now() - readMs >= cacheMs) {
        readMs = performance.now();
        value = parseEnv(await readFile(file, "utf8"))["DATABASE_URL"] ?? "";
      }
      return value;
    },
    principal: () => (value === undefined ? "" : new URL(value).username),
  };
}

/** An `.env` that is just being replaced is read whole: the rename is one step. */
function login(cached: Cached, name: string, counts: CachedApp["counts"]): { readonly stop: () => Promise<void> } {
  let stopping = false;
  async function work(): Promise<void> {
    while (!stopping) {
      const { outcome } = await loginWith("postgres", await cached.get(), name).login();
      counts[outcome === "accepted" ? "logins" : outcome === "refused" ? "refused" : "errors"] += 1;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
  const ended = work();
  return {
    stop: async () => {
      stopping = true;
      await ended;
    },
  };
}
