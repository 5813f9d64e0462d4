import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { loginWith } from "../world/login.ts";
import { type Counts, startWorld } from "../world/supervisor.ts";
import type { Issuer } from "./target.ts";

/** One target of the demo's catalog, and the application that lives on it. */
export type Part = {
  /** As `--target` names it. */
  readonly name: PartName;
  /** What people type after `/rotate`. */
  readonly secret: string;
  readonly environment: string;
  /** `rotator`, `publish`, `consumers` and `checks` of its target. */
  readonly target: Readonly<Record<"publish" | "consumers" | "checks", readonly object[]>> & {
    readonly rotator: object;
  };
  /** What the catalog's references stand for. */
  readonly references: Readonly<Record<string, string>>;
  readonly connections: Readonly<Record<string, object>>;
  /** Logins of all instances since the start, restarted ones included. */
  readonly totals: () => Promise<Pick<Counts, "logins" | "refused">>;
  /** A look of the demo's own, beside the proof: what was in use first, and what applications find now when they start. */
  readonly trial: () => Promise<Trial>;
  /** The naive way, as named pieces of work. Undefined where the demo has none. */
  readonly cut?: readonly { readonly name: string; readonly work: () => Promise<void> }[];
  readonly stop: () => Promise<void>;
};

export const partNames = ["postgres", "redis", "kubernetes", "jwt"] as const;
export type PartName = (typeof partNames)[number];
export type Trial = { readonly oldRefused: boolean; readonly newAccepted: boolean };

/** Logs in with both, once each. `now`: what applications find at this moment. */
export async function tryLogins({ kind, firstUrl }: Issuer, now: string): Promise<Trial> {
  const old = await loginWith(kind, firstUrl, "demo-proof").login();
  const fresh = await loginWith(kind, now, "demo-proof").login();
  return { oldRefused: old.outcome === "refused", newAccepted: now !== firstUrl && fresh.outcome === "accepted" };
}

/** The reference under which the catalog names an administrator's password. */
export function adminReference({ kind, adminPassword }: Issuer): Readonly<Record<string, string>> {
  return { [`DEMO_ADMIN_${kind.toUpperCase()}`]: adminPassword };
}

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
    secret: kind,
    references: adminReference(issuer),
    environment: "demo",
    connections: {},
    target: {
      rotator: issuer.rotator,
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
    trial: async () => tryLogins(issuer, parseEnv(await readFile(envFile, "utf8"))[variable] ?? ""),
    cut: [
      {
        name: "change the password, then edit .env",
        work: async () => world.rewrite(variable, await issuer.cut()),
      },
      ...world.instances.map(({ id }) => ({ name: `restart ${id}`, work: () => world.restart(id) })),
    ],
    stop: async () => {
      await world.stop();
      await issuer.stop();
    },
  };
}
