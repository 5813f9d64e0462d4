import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAdminDocker } from "../../sandbox/world/admin-docker.ts";
import { readEnv, writeEnv } from "../../sandbox/world/token-env.ts";
import type { Kinds } from "../../src/core/kinds.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { type AdminClient, adminClient } from "./generated-client.ts";
import { openStage, type Stage } from "./stage.ts";

export const email = "ops@the0.example";
export const oldPassword = "Chosen-by-hand-in-2024-and-never-changed-since-then";

export type AdminOptions = {
  /** Changes of the rotator's entry. */
  readonly rotator?: object;
  /** What the store is said to carry, where that is less than it does. */
  readonly carried?: string;
  /** What the application really asks for. */
  readonly minPasswordLength?: number;
};

export type AdminStory = AsyncDisposable & {
  readonly stage: Stage;
  readonly client: AdminClient;
  readonly env: () => Promise<Readonly<Record<string, string>>>;
};

/** the0 on this machine, with docker compose and a `.env`, and a whole Keyturn without Slack. The caller disposes of it. */
export async function tellAdmin(options: AdminOptions = {}): Promise<AdminStory> {
  const folder = await mkdtemp(join(tmpdir(), "keyturn-admin-"));
  await using starting = new AsyncDisposableStack();
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, "compose");
  await mkdir(home);
  const envFile = join(home, ".env");
  await writeEnv(envFile, { THE0_ADMIN_EMAIL: email, THE0_ADMIN_PASSWORD: oldPassword });
  const docker = await openAdminDocker(home, options.minPasswordLength);
  starting.defer(() => docker.stop());
  await docker.start();
  const database = starting.use(await freshDatabase());
  const { project, service, program, composeFile, url } = docker;
  const catalog = adminCatalog({
    url,
    rotator: options.rotator ?? {},
    publish: {
      store: "env-file",
      file: envFile,
      values: { THE0_ADMIN_EMAIL: "{{email}}", THE0_ADMIN_PASSWORD: "{{password}}" },
    },
    consumer: {
      kind: "compose",
      file: composeFile,
      project,
      service,
      docker: program,
      variables: { THE0_ADMIN_EMAIL: "THE0_ADMIN_EMAIL", THE0_ADMIN_PASSWORD: "THE0_ADMIN_PASSWORD" },
    },
  });
  const stage = await openStage({
    databaseUrl: database.url,
    folder,
    catalog,
    references: {},
    programs: [join(home, "bin")],
    kinds: (kinds) => (options.carried === undefined ? kinds : carrying(kinds, options.carried)),
  });
  starting.defer(() => stage.close());
  const running = starting.move();
  return {
    stage,
    client: adminClient(url),
    env: () => readEnv(envFile),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Stores that take these characters only. */
function carrying(kinds: Kinds, alphabet: string): Kinds {
  const stores = kinds.stores.map((store) => ({
    ...store,
    bind: (entry: unknown) => {
      const bound = store.bind(entry);
      return { ...bound, shape: { ...bound.shape, alphabet } };
    },
  }));
  return { ...kinds, stores };
}

/** A catalog of one target: the administrator of the application behind `url`. */
export function adminCatalog(parts: {
  readonly url: string;
  readonly rotator: object;
  readonly publish: object;
  readonly consumer: object;
  readonly connections?: object;
}): string {
  const { url, rotator, publish, consumer, connections = {} } = parts;
  return JSON.stringify({
    version: 1,
    demo: true,
    connections,
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
      },
    },
    targets: [
      {
        secret: "root-admin",
        environment: "test",
        policy: "test",
        owner: "@platform",
        rotator: {
          kind: "generated",
          name: "the0 root administrator",
          policy: { minLength: 8, deny: ["the0"] },
          login: [{ url: `${url}/api/v1/auth/login`, accepted: [200, 201], refused: 401 }],
          session: { token: "$.data.token", accept: [{ url: `${url}/api/v1/auth/me`, refused: 401 }] },
          appliedWithin: "3s",
          deadWithin: "3s",
          ...rotator,
        },
        publish: [publish],
        consumers: [consumer],
        checks: [{ kind: "http", url: `${url}/health`, expect: { status: 200 }, settle: "200ms" }, { kind: "login" }],
        notice: "0s",
      },
    ],
  });
}
