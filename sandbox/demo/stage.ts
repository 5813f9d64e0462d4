import { closeSync, openSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoSeed } from "../workspace/demo-seed.ts";
import { startWorkspace, type Workspace } from "../workspace/server.ts";
import { startWorld, type World } from "../world/supervisor.ts";
import { type Bot, startBot } from "./bot.ts";
import { demoCatalog } from "./catalog.ts";
import { startPostgres } from "./postgres.ts";
import { hasRedis, startRedis } from "./redis.ts";
import type { Issuer } from "./target.ts";

export type Part = { readonly issuer: Issuer; readonly world: World; readonly envFile: string };

/** Everything that runs in the demo. `close` stops it in the order in which nobody complains, and removes the folder. */
export type Stage = {
  readonly workspace: Workspace;
  readonly bot: Bot;
  readonly parts: readonly Part[];
  readonly logFile: string;
  readonly close: () => Promise<void>;
};

/** Starts servers, application, workspace and bot. `only` leaves out the targets that are not needed. */
export async function openStage(only: "postgres" | "redis" | undefined, port: number | undefined): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "keyturn-demo-"));
  await chmod(folder, 0o755);
  const issuers = await startIssuers(folder, only);
  const parts: Part[] = [];
  for (const issuer of issuers) {
    parts.push(await openPart(folder, issuer));
  }
  const catalogFile = join(folder, "catalog.yaml");
  await writeFile(catalogFile, demoCatalog(parts), { mode: 0o600 });
  const workspace = await startWorkspace({ seed: demoSeed(), ...(port === undefined ? {} : { port }) });
  const logFile = join(folder, "bot.log");
  const log = openSync(logFile, "a");
  const bot = startBot({
    folder,
    catalogFile,
    workspace,
    logFile: log,
    adminPasswords: Object.fromEntries(
      issuers.map(({ kind, adminPassword }) => [`DEMO_ADMIN_${kind.toUpperCase()}`, adminPassword]),
    ),
  });
  return {
    workspace,
    bot,
    parts,
    logFile,
    close: async () => {
      await bot.stop();
      await workspace.close();
      await Promise.all(parts.map(({ world }) => world.stop()));
      await Promise.all(issuers.map((issuer) => issuer.stop()));
      closeSync(log);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startIssuers(folder: string, only: "postgres" | "redis" | undefined): Promise<readonly Issuer[]> {
  const issuers: Issuer[] = [];
  if (only !== "redis") {
    issuers.push(await startPostgres(folder));
  }
  if (only !== "postgres" && (await hasRedis())) {
    issuers.push(await startRedis(folder));
  }
  if (issuers.length === 0) {
    throw new Error(
      "there is no redis-server on this machine; install one (Debian: apt-get install redis-server), or use --target postgres",
    );
  }
  return issuers;
}

async function openPart(folder: string, issuer: Issuer): Promise<Part> {
  const home = join(folder, issuer.kind);
  await mkdir(home);
  const envFile = join(home, ".env");
  await writeFile(
    envFile,
    `# The shop reads this file when it starts.\n${issuer.variable}=${issuer.firstUrl}\nGREETING="good morning" # stays as it is\n`,
    { mode: 0o600 },
  );
  const world = await startWorld({
    kind: issuer.kind,
    envFile,
    key: issuer.variable,
    logFolder: home,
    ids: [`${issuer.kind}-1`, `${issuer.kind}-2`],
    everyMs: 40,
  });
  return { issuer, world, envFile };
}
