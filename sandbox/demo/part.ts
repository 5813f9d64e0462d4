import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { type Counts, startWorld } from "../world/supervisor.ts";
import type { Issuer } from "./target.ts";

/** One target of the demo's catalog, and the application that lives on it. */
export type Part = {
  /** As `--target` names it. */
  readonly name: "postgres" | "redis" | "kubernetes";
  readonly issuer: Issuer;
  /** What people type after `/rotate`. */
  readonly secret: string;
  readonly environment: string;
  /** `publish`, `consumers` and `checks` of its target. */
  readonly target: Readonly<Record<"publish" | "consumers" | "checks", readonly object[]>>;
  readonly connections: Readonly<Record<string, object>>;
  /** Logins of all instances since the start, restarted ones included. */
  readonly totals: () => Promise<Counts>;
  /** What applications find now when they start. */
  readonly currentUrl: () => Promise<string>;
  /** The naive way, as named pieces of work. Undefined where the demo has none. */
  readonly cut?: readonly { readonly name: string; readonly work: () => Promise<void> }[];
  readonly stop: () => Promise<void>;
};

/** Two processes that read a `.env` when they start. */
export async function envFilePart(folder: string, issuer: Issuer): Promise<Part> {
  const { kind, variable } = issuer;
  const home = join(folder, kind);
  await mkdir(home);
  const envFile = join(home, ".env");
  await writeFile(
    envFile,
    `# The shop reads this file when it starts.\n${variable}=${issuer.firstUrl}\nGREETING="good morning" # stays as it is\n`,
    { mode: 0o600 },
  );
  const world = await startWorld({
    kind,
    envFile,
    key: variable,
    logFolder: home,
    ids: [`${kind}-1`, `${kind}-2`],
    everyMs: 40,
  });
  return {
    name: kind,
    issuer,
    secret: kind,
    environment: "demo",
    connections: {},
    target: {
      publish: [{ store: "env-file", file: envFile, values: { [variable]: issuer.template } }],
      consumers: [
        {
          kind: "command",
          name: `${kind}-shop`,
          instances: world.instances.map(({ id, url, logFile }) => ({
            id,
            reload: world.restartCommand(id),
            sees: { started: world.startedCommand(id) },
            ready: { http: `${url}/health` },
            logs: logFile,
            addresses: ["127.0.0.1"],
            clients: [`demo-${id}`],
          })),
        },
      ],
      checks: world.instances.map(({ url }) => ({
        kind: "http",
        url: `${url}/health`,
        expect: { status: 200, json: { [`$.components.${kind}`]: "healthy" } },
        settle: "2s",
      })),
    },
    totals: world.totals,
    currentUrl: async () => parseEnv(await readFile(envFile, "utf8"))[variable] ?? "",
    cut: [
      {
        name: "change the password, then edit .env",
        work: async () => world.rewrite(variable, await issuer.cut()),
      },
      ...world.instances.map(({ id }) => ({ name: `restart ${id}`, work: () => world.restart(id) })),
    ],
    stop: world.stop,
  };
}
