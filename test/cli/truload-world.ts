import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { urlOf } from "../../sandbox/world/connection-string.ts";
import { startWorld, type World } from "../../sandbox/world/supervisor.ts";
import { queryOnce } from "../servers/postgres.ts";
import { openPlace, type Place, policy } from "./places.ts";

/** TruLoad's application on this host: its `.env`, instances that log in with what stands in it, and a catalog. */
export type TruLoad = AsyncDisposable & {
  readonly place: Place;
  readonly world: World;
  readonly catalog: string;
  /** A URL out of one of its connection strings, as it stands there now. */
  readonly url: (key: string) => Promise<string>;
  readonly text: () => Promise<string>;
};

export async function openTruLoad(options: {
  readonly kind: "postgres" | "redis";
  readonly values: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
  readonly rotator: string;
  readonly references: Readonly<Record<string, string>>;
}): Promise<TruLoad> {
  const { kind, values, templates, rotator } = options;
  const place = await openPlace(options.references);
  const lines = Object.entries(values).map(([key, value]) => `${key}=${value}\n`);
  const envFile = await place.write(".env", `# truload-backend\n${lines.join("")}ASPNETCORE_ENVIRONMENT=Production\n`);
  const world = await startWorld({
    kind,
    envFile,
    key: Object.keys(values),
    logFolder: place.folder,
    ids: ["backend-1", "backend-2"],
    everyMs: 50,
  });
  const instances = world.instances.map(
    ({ id, url, logFile }) => `
          - id: ${id}
            reload: ${JSON.stringify(world.restartCommand(id))}
            sees: { started: ${JSON.stringify(world.startedCommand(id))} }
            ready: { http: "${url}/health" }
            logs: ${logFile}
            addresses: ["127.0.0.1"]
            clients: ["demo-${id}"]`,
  );
  const catalog = `${policy}  - secret: ${kind}
    environment: prod
    policy: prod
    owner: "@platform"
    rotator: ${rotator}
    publish:
      - store: env-file
        file: ${envFile}
        values: ${JSON.stringify(templates)}
    consumers:
      - kind: command
        name: truload-backend
        instances: ${instances.join("")}
    checks:
      - { kind: logs, of: consumers, pattern: "auth.*error", window: 10s, settle: 500ms }
      - { kind: login }
    grace: 500ms
    graceMax: 1h
    idle: { for: 1s }
    watch: 1500ms
    notice: 0s
`;
  await place.write("catalog.yaml", catalog);
  return {
    place,
    world,
    catalog,
    url: async (key) => urlOf(kind, parseEnv(await readFile(envFile, "utf8"))[key] ?? ""),
    text: () => readFile(envFile, "utf8"),
    [Symbol.asyncDispose]: async () => {
      await world.stop();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Runs a printed script as psql would: for machines without it. */
export async function runScript(script: string, urlFor: (database: string) => string): Promise<void> {
  let database = "postgres";
  for (const text of script.split("\n")) {
    const connect = /^\\connect (.+)$/.exec(text)?.[1];
    if (connect !== undefined) database = connect.replaceAll('"', "");
    else if (text !== "" && !text.startsWith("--") && !text.startsWith("\\")) await queryOnce(urlFor(database), text);
  }
}
