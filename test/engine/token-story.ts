import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTokenWorld, type TokenWorld, type TokenWorldOptions } from "../../sandbox/world/token-world.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { openStage, type Stage } from "./stage.ts";

type Told = Partial<TokenWorldOptions> & {
  /** `rotator` and `values` of the one target; every service's `.env` is published to and every service is restarted, or `only` these. */
  readonly target: (world: TokenWorld) => {
    readonly rotator: object;
    readonly values: object;
    readonly only?: readonly string[];
    readonly checks?: readonly object[];
  };
  readonly watchMs?: number;
  readonly grace?: string;
  readonly unasked?: readonly string[];
  readonly notice?: string;
  /** When the old one may be retired, as a policy says it. */
  readonly retire?: object;
};

/** A whole Keyturn without Slack over services that sign and verify. The caller disposes of it. */
export async function tellTokens({ target, watchMs = 1_500, grace = "5s", unasked, ...told }: Told) {
  const { notice = "0s", retire, ...options } = told;
  const folder = await mkdtemp(join(tmpdir(), "keyturn-tokens-"));
  await using starting = new AsyncDisposableStack();
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const world = await startTokenWorld({ folder, instances: 4, tokenLifeMs: 4_000, ...options });
  starting.defer(() => world.stop());
  const database = starting.use(await freshDatabase());
  const own = { grace, notice, watch: `${String(watchMs)}ms`, ...(unasked === undefined ? {} : { unasked }) };
  const catalog = catalogText(world, target(world), own, retire === undefined ? {} : { retire });
  const stage = await openStage({ databaseUrl: database.url, folder, catalog, references: {} });
  starting.defer(() => stage.close());
  const running = starting.move();
  const asker = { kind: "slack", id: "U-ada", team: "T1" } as const;
  const press = (rotationId: string, verb: Parameters<Stage["desk"]["press"]>[0]["verb"]) =>
    stage.desk.press({ rotationId, asker, verb, detail: "", onceKey: `${rotationId}-${verb}` });
  return { world, stage, press, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** What became of a rotation, for the message of a failed expectation. */
export function told({ ended, block, turnedBack, steps }: Awaited<ReturnType<Stage["drive"]>>): string {
  const notes = Object.entries(steps).map(([id, { status, sentence }]) => [id, status, sentence]);
  return JSON.stringify({ ended, block, turnedBack, notes }, undefined, 1);
}

/** The addresses of every instance of every service. */
export function everywhere({ services }: TokenWorld, path: string): readonly string[] {
  return services.flatMap(({ instances }) => instances.map(({ url }) => `${url}${path}`));
}

function catalogText(
  world: TokenWorld,
  { rotator, values, only, checks = [] }: ReturnType<Told["target"]>,
  own: object,
  policy: object,
): string {
  const services = world.services.filter(({ name }) => only?.includes(name) !== false);
  return JSON.stringify({
    version: 1,
    demo: true,
    policies: {
      test: {
        channel: "#security-ops",
        requesters: ["@oncall", "@security"],
        approvals: [
          { from: "@security", min: 1 },
          { from: "@oncall", min: 1 },
        ],
        oncall: "@oncall",
        allowSingle: true,
        ...policy,
      },
    },
    targets: [
      {
        secret: "key",
        environment: "test",
        policy: "test",
        owner: "@platform",
        rotator,
        publish: services.map(({ envFile }) => ({ store: "env-file", file: envFile, values })),
        consumers: services.map(({ name }) => world.consumer(name)),
        checks: [
          ...checks,
          { kind: "logs", of: "consumers", pattern: "auth error", window: "10s", settle: "200ms" },
          ...everywhere(world, "/health").map((url) => ({
            kind: "http",
            url,
            expect: { status: 200 },
            settle: "200ms",
          })),
        ],
        ...own,
      },
    ],
  });
}
