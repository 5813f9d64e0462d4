import { closeSync, openSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoSeed } from "../workspace/demo-seed.ts";
import { startWorkspace, type Workspace } from "../workspace/server.ts";
import { type Bot, startBot } from "./bot.ts";
import { demoCatalog } from "./catalog.ts";
import { kubernetesPart } from "./kubernetes-part.ts";
import { envFilePart, type Part } from "./part.ts";
import { startPostgres } from "./postgres.ts";
import { hasRedis, startRedis } from "./redis.ts";
import type { Issuer } from "./target.ts";
import { tokenPart } from "./token-part.ts";

/** Everything that runs in the demo. `close` stops it in the order in which nobody complains, and removes the folder. */
export type Stage = {
  readonly workspace: Workspace;
  readonly bot: Bot;
  readonly parts: readonly Part[];
  readonly logFile: string;
  readonly close: () => Promise<void>;
};

/** Starts servers, application, workspace and bot. `only` leaves out the targets that are not needed. */
export async function openStage(only: Part["name"] | undefined, port: number | undefined): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "keyturn-demo-"));
  await chmod(folder, 0o755);
  const parts = await openParts(folder, only);
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
    references: Object.assign({}, ...parts.map(({ references }) => references)),
  });
  return {
    workspace,
    bot,
    parts,
    logFile,
    close: async () => {
      await bot.stop();
      await workspace.close();
      await Promise.all(parts.map((part) => part.stop()));
      closeSync(log);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The cluster and the token services only when they are asked for: one takes programs that are built first, the other constant traffic. */
async function openParts(folder: string, only: Part["name"] | undefined): Promise<readonly Part[]> {
  if (only === "kubernetes") {
    return [await kubernetesPart(folder)];
  }
  if (only === "jwt") {
    return [await tokenPart(folder)];
  }
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
  const parts: Part[] = [];
  for (const issuer of issuers) {
    parts.push(await envFilePart(folder, issuer));
  }
  return parts;
}
