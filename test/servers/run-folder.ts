import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const variable = "KEYTURN_TEST_FOLDER";
let own: string | undefined;

/**
 * A new temporary folder for one server, mode 0711 so that an unprivileged server can enter it. Under vitest it lies in
 * the folder of the whole run; else it is removed when this process exits.
 */
export function newFolder(name: string): string {
  const folder = mkdtempSync(join(runFolder(), `${name}-`));
  chmodSync(folder, 0o711);
  return folder;
}

/**
 * A folder that is built once for the whole run and then only read. `build` fills a folder of its own, which is renamed
 * when complete; when two processes build at once, the second one's work is thrown away.
 */
export function builtOnce(name: string, build: (folder: string) => void): string {
  const target = join(runFolder(), name);
  if (existsSync(target)) return target;
  const folder = newFolder(name);
  build(folder);
  try {
    renameSync(folder, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    rmSync(folder, { recursive: true, force: true });
  }
  return target;
}

/** Where the programs that tests start keep what Node compiled (NODE_COMPILE_CACHE): later starts take a third of the first one's time. */
export function compileCache(): string {
  return join(runFolder(), "compiled");
}

/** vitest's globalSetup: one folder for the run, removed at its end, also when a test process was killed. */
export function setup(): () => void {
  const folder = makeRunFolder();
  process.env[variable] = folder;
  process.env["NODE_COMPILE_CACHE"] = compileCache();
  return () => remove(folder);
}

function runFolder(): string {
  const ofRun = process.env[variable] ?? own;
  if (ofRun !== undefined) return ofRun;
  const folder = makeRunFolder();
  own = folder;
  process.on("exit", () => remove(folder));
  return folder;
}

function makeRunFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  chmodSync(folder, 0o711);
  return folder;
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
