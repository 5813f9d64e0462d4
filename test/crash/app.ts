import { openControl } from "../../sandbox/world/control.ts";
import { startWorld } from "../../sandbox/world/supervisor.ts";

/** The application of one lane. It lives in the driver, so that killing a worker does not touch it. */
export type App = {
  /** The `consumers:` and `checks:` of a target, as catalog values. */
  readonly consumers: readonly unknown[];
  readonly checks: readonly unknown[];
  /** Restarts that were asked for since the start, by instance. */
  readonly restarts: () => Readonly<Record<string, number>>;
  readonly refused: () => Promise<number>;
  readonly close: () => Promise<void>;
};

type Settings = {
  readonly kind: "postgres" | "redis";
  readonly envFile: string;
  readonly folder: string;
  /** Called before an instance is restarted and after it: an effect on a consumer is a point too. */
  readonly onReload: (when: "before" | "after", instance: string) => Promise<void>;
};

const ids = ["one", "two"];

/** Two instances that log in four times a second each, and a door of its own through which they are restarted and counted. */
export async function startApp({ kind, envFile, folder, onReload }: Settings): Promise<App> {
  const world = await startWorld({ kind, envFile, key: "URL", logFolder: folder, ids, everyMs: 250 });
  const restarts: Record<string, number> = {};
  async function restart(id: string): Promise<void> {
    await onReload("before", id);
    restarts[id] = (restarts[id] ?? 0) + 1;
    await world.restart(id);
    await onReload("after", id);
  }
  const door = await openControl(restart);
  return {
    consumers: [
      {
        kind: "command",
        name: "shop",
        instances: world.instances.map(({ id, url, logFile }) => ({
          id,
          reload: door.restartCommand(id),
          sees: { started: world.startedCommand(id) },
          ready: { http: `${url}/health` },
          logs: logFile,
          addresses: ["127.0.0.1"],
          clients: [`demo-${id}`],
        })),
      },
    ],
    checks: [
      ...world.instances.map(({ url }) => ({
        kind: "http",
        url: `${url}/health`,
        expect: { status: 200, json: { [`$.components.${kind}`]: "healthy" } },
        settle: "200ms",
      })),
      { kind: "logs", of: "consumers", pattern: "auth.*error|unauthorized", window: "10s", settle: "200ms" },
      { kind: "login" },
    ],
    restarts: () => ({ ...restarts }),
    refused: async () => (await world.totals()).refused,
    close: async () => {
      door.close();
      await world.stop();
    },
  };
}
