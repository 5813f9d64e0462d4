import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startBot } from "../sandbox/demo/bot.ts";
import { demoSeed } from "../sandbox/workspace/demo-seed.ts";
import { startWorkspace, type Workspace } from "../sandbox/workspace/server.ts";
import { freshDatabase } from "../test/servers/fresh-database.ts";
import { newFolder } from "../test/servers/run-folder.ts";
import { startQuietApp } from "./quiet-app.ts";
import { catalogOf, makePlace, referencesOf, targetOf } from "./target.ts";

/** An app that is connected to a workspace. `secret`: what can be rotated. */
export type Connected = { readonly workspace: Workspace; readonly secret: string; readonly close: () => Promise<void> };

/** The real bot with one target, in a workspace where nothing else happens. */
export async function connectBot(): Promise<Connected> {
  const database = await freshDatabase();
  const folder = newFolder("bench");
  const place = await makePlace(database.server, folder);
  const app = await startQuietApp(folder, place, { reload: [process.execPath, "--version"] });
  const catalogFile = join(folder, "catalog.yaml");
  const target = targetOf(place, { ...app, times: { grace: "10m", idle: "1m", watch: "1m" } });
  await writeFile(catalogFile, catalogOf([target]), { mode: 0o600 });
  const workspace = await startWorkspace({ seed: demoSeed() });
  const logFile = openSync(join(folder, "bot.log"), "a");
  const bot = startBot({ folder, catalogFile, workspace, logFile, references: referencesOf([place]) });
  await workspace.inspect.waitFor(() => workspace.inspect.connections() > 0, 60_000, "the bot connects");
  return {
    workspace,
    secret: place.tag,
    close: async () => {
      await bot.stop();
      await workspace.close();
      app.close();
      closeSync(logFile);
      await database[Symbol.asyncDispose]();
    },
  };
}

/** An app that only acknowledges, in a workspace of its own. */
export async function connectBare(): Promise<Connected> {
  const workspace = await startWorkspace({ seed: demoSeed() });
  const { apiUrl, botToken, appToken } = workspace;
  const script = fileURLToPath(new URL("bare-bolt.ts", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify({ apiUrl, botToken, appToken })], {
    cwd: dirname(script),
    stdio: ["ignore", "ignore", "inherit"],
    env: {},
  });
  await workspace.inspect.waitFor(() => workspace.inspect.connections() > 0, 60_000, "the bare app connects");
  return { workspace, secret: "", close: () => end(child, workspace) };
}

async function end(child: ChildProcess, workspace: Workspace): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
  await workspace.close();
}
