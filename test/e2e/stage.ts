import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bot, startBot } from "../../sandbox/demo/bot.ts";
import { demoSeed } from "../../sandbox/workspace/demo-seed.ts";
import type { WorkspaceOptions } from "../../sandbox/workspace/options.ts";
import { startWorkspace, type Workspace } from "../../sandbox/workspace/server.ts";
import { type LightShop, type LightShopOptions, openLightShop } from "../engine/light-shop.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { eventually } from "./eventually.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** `log`: what it wrote to standard output and standard error. */
export type Launched = Bot & { readonly log: () => string };

/** The real bot, one or several, between a Slack workspace, a database and an application, all of them real processes or servers. */
export type Stage = AsyncDisposable & {
  readonly workspace: Workspace;
  readonly shop: LightShop;
  readonly database: FreshDatabase;
  readonly bots: readonly Launched[];
  readonly catalogFile: string;
  /** In base64. */
  readonly sealKey: string;
  /** Starts one more on the same database; resolves when it serves. */
  readonly start: (env?: Env) => Promise<Launched>;
  /** The same without waiting, for a start that is refused. */
  readonly launch: (env?: Env) => Launched;
  /** What all of them logged. */
  readonly log: () => string;
};

export type StageOptions = {
  /** How many are started. Default 1. */
  readonly bots?: number;
  readonly env?: Env;
  /** The bots' own. Default: a fresh one on the server of this test file. Removed at the end. */
  readonly database?: FreshDatabase;
  readonly shop?: Partial<LightShopOptions>;
  /** The catalog before it is written. */
  readonly catalog?: (text: string) => string;
  readonly workspace?: Partial<WorkspaceOptions>;
};

/** Times are parts of seconds, so that a whole rotation takes few of them. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const database = options.database ?? (await freshDatabase());
  const shop = await openLightShop({
    server: database.server,
    mode: "dual",
    graceMs: 1_000,
    watchMs: 1_500,
    idleMs: 1_000,
    noticeMs: 500,
    ...options.shop,
  });
  const workspace = await startWorkspace({ seed: demoSeed(), ...options.workspace });
  const catalogFile = join(shop.folder, "catalog.yaml");
  const catalog = shop.catalog.replaceAll('"@leads"', '"@platform-leads"');
  await writeFile(catalogFile, (options.catalog ?? ((text) => text))(catalog), { mode: 0o600 });
  const sealKey = randomBytes(32).toString("base64");
  const bots: Launched[] = [];
  const launch = (env: Env = {}) => {
    const logPath = join(shop.folder, `bot-${String(bots.length)}.log`);
    const logFile = openSync(logPath, "a");
    const bot = startBot({
      folder: shop.folder,
      catalogFile,
      workspace,
      references: shop.references,
      logFile,
      env: {
        DATABASE_URL: database.url,
        KEYTURN_SEAL_KEY: `test:${sealKey}`,
        KEYTURN_COMMANDS: "/usr/bin",
        KEYTURN_LEASE_MS: "5000",
        ...options.env,
        ...env,
      },
    });
    closeSync(logFile);
    const launched = { ...bot, log: () => readFileSync(logPath, "utf8") };
    bots.push(launched);
    return launched;
  };
  const start = async (env: Env = {}) => {
    const bot = launch(env);
    const gone = bot.ended.then((code) => {
      throw new Error(`the bot ended with ${String(code)}: ${bot.log()}`);
    });
    gone.catch(() => undefined);
    const serves = eventually(
      async () => bot.log().includes('"keyturn is running"'),
      60_000,
      () => `the bot serves: ${bot.log()}`,
    );
    await Promise.race([serves, gone]);
    return bot;
  };
  await Promise.all(Array.from({ length: options.bots ?? 1 }, () => start()));
  return {
    workspace,
    shop,
    database,
    bots,
    catalogFile,
    sealKey,
    start,
    launch,
    log: () => bots.map((bot) => bot.log()).join(""),
    [Symbol.asyncDispose]: async () => {
      workspace.faults.clear();
      await Promise.all(bots.map((bot) => bot.stop()));
      await workspace.close();
      await shop.close();
      await database[Symbol.asyncDispose]();
    },
  };
}
