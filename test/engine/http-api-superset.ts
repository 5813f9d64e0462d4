import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { supersetEntry } from "../rotators/http-api/superset-entry.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { firstPassword, type Superset } from "../servers/superset.ts";
import { openStage, type Stage } from "./stage.ts";

export type SupersetWorld = AsyncDisposable & {
  readonly stage: Stage;
  readonly database: FreshDatabase;
  readonly username: string;
  readonly first: string;
  readonly file: string;
  /** What the `.env` holds now. */
  readonly published: () => Promise<string>;
  /** What the application runs on. */
  readonly used: () => string;
  /** Everything that Keyturn logged. */
  readonly logged: () => string;
};

/**
 * An application with a user of its own in Superset: it reads SUPERSET__PASSWORD out of a `.env` when it starts, logs in whenever its
 * page is asked, and starts anew when somebody touches a file.
 */
export async function openSupersetShop(
  superset: Superset,
  adminPassword: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<SupersetWorld> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await freshDatabase());
  const username = `shop_${randomBytes(4).toString("hex")}`;
  const first = firstPassword();
  await superset.addUser(username, first, "Gamma");
  const folder = await mkdtemp(join(tmpdir(), "keyturn-superset-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, ".env");
  await writeFile(file, `SUPERSET__PASSWORD=${first}\nOTHER=stays\n`);
  await writeFile(join(folder, "reload"), "");
  let running = { password: "", touchedMs: -1 };
  const startAnew = async (): Promise<void> => {
    const { mtimeMs } = await stat(join(folder, "reload"));
    if (mtimeMs <= running.touchedMs) return;
    running = { touchedMs: mtimeMs, password: parseEnv(await readFile(file, "utf8"))["SUPERSET__PASSWORD"] ?? "" };
    await writeFile(join(folder, "started"), new Date().toISOString());
  };
  await startAnew();
  const timer = setInterval(() => void startAnew().catch(() => undefined), 50);
  starting.defer(() => clearInterval(timer));
  const page = createServer((_, response) => {
    void superset.logIn(username, running.password).then(
      (status) => response.writeHead(status === 200 ? 200 : 503).end(),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
  starting.defer(() => {
    page.closeAllConnections();
    page.close();
  });
  const address = page.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const stage = await openStage({
    databaseUrl: database.url,
    folder,
    catalog: catalogOf(supersetEntry(superset.url, username, change), folder, `http://127.0.0.1:${String(port)}/`),
    references: { SUPERSET_ADMIN: adminPassword },
    programs: ["/usr/bin"],
  });
  starting.defer(() => stage.close());
  const lines: string[] = [];
  Object.assign(stage.deps.log, { warn: (...said: readonly unknown[]) => lines.push(JSON.stringify(said)) });
  const open = starting.move();
  return {
    stage,
    database,
    username,
    first,
    file,
    published: async () => parseEnv(await readFile(file, "utf8"))["SUPERSET__PASSWORD"] ?? "",
    used: () => running.password,
    logged: () => lines.join("\n"),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function catalogOf(rotator: object, folder: string, page: string): string {
  const instance = {
    id: "one",
    reload: ["/usr/bin/touch", join(folder, "reload")],
    sees: { started: ["/usr/bin/cat", join(folder, "started")] },
  };
  const target = {
    secret: "superset",
    environment: "test",
    policy: "test",
    owner: "@platform",
    rotator,
    publish: [{ store: "env-file", file: join(folder, ".env"), values: { SUPERSET__PASSWORD: "{{password}}" } }],
    consumers: [{ kind: "command", name: "backend", instances: [instance] }],
    checks: [{ kind: "http", url: page, settle: "200ms" }, { kind: "login" }],
    notice: "0s",
  };
  const policy = {
    channel: "#security-ops",
    requesters: ["@oncall", "@security"],
    approvals: [
      { from: "@security", min: 1 },
      { from: "@oncall", min: 1 },
    ],
    oncall: "@oncall",
    allowSingle: true,
  };
  return JSON.stringify({ version: 1, demo: true, policies: { test: policy }, targets: [target] });
}
