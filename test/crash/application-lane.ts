import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { type Control, openControl } from "../../sandbox/world/control.ts";
import { noteStart, startedCommand } from "../../sandbox/world/started.ts";
import { Secret } from "../../src/core/secret.ts";
import { fingerprint } from "../../src/rotators/probes/fingerprint.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import type { Account } from "./account.ts";
import type { ApplicationMode } from "./application-modes.ts";
import { openGenerated } from "./generated-account.ts";
import { openHttpApi } from "./http-api-account.ts";
import type { AnyLane } from "./lane.ts";
import { newPlace, openWorkers, type QueueKind } from "./lane-workers.ts";
import { policies } from "./policies.ts";

const leaseMs = 2_500;

/** An account of an application that reads a `.env`. Points on the wire are the requests by which Keyturn asks whoever keeps the account. */
export async function openApplicationLane(mode: ApplicationMode, queue: QueueKind): Promise<AnyLane> {
  const database = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), "keyturn-crash-"));
  const account = await (mode === "generated single" ? openGenerated(folder) : openHttpApi(folder));
  const { application, variable } = account;
  const restarts: Record<string, number> = Object.fromEntries(application.instances.map(({ id }) => [id, 0]));
  let reloadHook: (when: "before" | "after", instance: string) => Promise<void> = () => Promise.resolve();
  const startedAt = new Map<string, string>();
  for (const { id } of application.instances) await noteStart(folder, id, new Date().toISOString());
  const passwords = new Set<string>();
  const valueIn = (text: string): string => parseEnv(text)[variable] ?? "";
  const read = async (): Promise<string> => {
    const text = await readFile(account.envFile, "utf8");
    passwords.add(valueIn(text));
    return text;
  };
  const door = await openControl(async (id) => {
    await reloadHook("before", id);
    await read();
    const at = await application.restart(id);
    // Two reloads at once are one restart.
    if (startedAt.get(id) !== at) restarts[id] = (restarts[id] ?? 0) + 1;
    startedAt.set(id, at);
    await noteStart(folder, id, at);
    await account.restarted();
    await reloadHook("after", id);
    return at;
  });
  const workers = await openWorkers(database, {
    databaseUrl: database.url,
    folder,
    catalog: catalogText(account, door, folder),
    references: account.references,
    leaseMs,
    place: await newPlace(queue, database),
  });
  for (const statement of overtakenAtTheEnd) await database.query(statement);
  await read();
  const idOf = (password: string): Promise<string> => fingerprint(account.kind, new Secret(account.named(password)));
  return {
    mode,
    queue,
    target: {
      overlap: "single",
      names: [],
      ids: { inValue: idOf, inRef: ({ generation }) => generation },
      look: async () => {
        const live: string[] = [];
        for (const password of passwords) if (await account.accepts(password)) live.push(await idOf(password));
        return { live, passwords: live.length };
      },
      accepts: account.accepts,
    },
    stage: workers.stage,
    database,
    leaseMs,
    worker: workers.worker,
    wire: account.proxy,
    stored: { read, urlIn: valueIn, restOf: (text) => text.replace(new RegExp(`^${variable}=.*$`, "m"), variable) },
    restarts: () => Promise.resolve({ ...restarts }),
    extraPerKill: 1,
    refused: account.refused,
    ...(account.refusals === undefined ? {} : { refusals: account.refusals }),
    alsoJudged: account.alsoJudged,
    onReload: (hook) => {
      reloadHook = hook;
    },
    close: async () => {
      await workers.close();
      door.close();
      await account.close();
      await rm(folder, { recursive: true, force: true });
      await database[Symbol.asyncDispose]();
    },
  };
}

/**
 * Where late requests cannot be fenced, whoever takes over waits 10 s from then. Here from the end of the lease, which `hurry` puts
 * 9 s back.
 */
const overtakenAtTheEnd = [
  `CREATE FUNCTION keyturn.at_the_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.overtaken_at IS DISTINCT FROM OLD.overtaken_at THEN NEW.overtaken_at := OLD.until; END IF;
    RETURN NEW;
  END $$`,
  "CREATE TRIGGER at_the_end BEFORE UPDATE ON keyturn.leases FOR EACH ROW EXECUTE FUNCTION keyturn.at_the_end()",
];

/** A catalog of one target: an account of an application, whose instances are restarted through the door. JSON is YAML too. */
export function catalogText({ rotator, envFile, values, application }: Account, door: Control, folder: string) {
  const { instances } = application;
  return JSON.stringify({
    version: 1,
    demo: true,
    policies,
    targets: [
      {
        secret: "account",
        environment: "test",
        policy: "test",
        owner: "@platform",
        rotator,
        publish: [{ store: "env-file", file: envFile, values }],
        consumers: [
          {
            kind: "command",
            name: "application",
            instances: instances.map(({ id, url, logFile }) => ({
              id,
              reload: door.restartCommand(id),
              sees: { started: startedCommand(folder, id) },
              ready: { http: `${url}/health` },
              logs: logFile,
            })),
          },
        ],
        checks: [
          ...instances.map(({ url }) => ({
            kind: "http",
            url: `${url}/health`,
            expect: { status: 200 },
            settle: "200ms",
          })),
          { kind: "login" },
        ],
        notice: "0s",
      },
    ],
  });
}
