import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { envFile } from "../../../src/stores/env-file/store.ts";
import type { StoreWorld } from "../../contract/store.ts";
import { newFolder } from "../../servers/run-folder.ts";

/** A folder of its own with one .env file in it. */
export type EnvWorld = StoreWorld & { readonly folder: string; readonly file: string };

/** `text` has PRESENT and NEIGHBOUR, and no ABSENT. `file` may lead somewhere else once it is made. */
export async function envWorld(text: string): Promise<EnvWorld> {
  const folder = newFolder("env");
  const file = join(folder, ".env");
  await writeFile(file, text, { mode: 0o640 });
  const kind = envFile({ allowedRoots: [folder] });
  return {
    folder,
    file,
    bound: kind.bind({ store: "env-file", file }),
    missing: kind.bind({ store: "env-file", file: join(folder, "nowhere", ".env") }),
    keys: { present: "PRESENT", absent: "ABSENT", neighbour: "NEIGHBOUR" },
    everything: async () => {
      const names = (await readdir(folder)).toSorted();
      return JSON.stringify([names, await readFile(file, "latin1")]);
    },
    editNeighbour: async (value) => {
      const before = await readFile(file, "latin1");
      await writeFile(file, before.replace(/^( *)NEIGHBOUR=.*$/m, `$1NEIGHBOUR=${value}`), "latin1");
    },
    close: () => rm(folder, { recursive: true }),
  };
}
