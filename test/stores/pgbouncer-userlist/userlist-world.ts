import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pgbouncerUserlist } from "../../../src/stores/pgbouncer-userlist/store.ts";
import type { StoreWorld } from "../../contract/store.ts";
import { newFolder } from "../../servers/run-folder.ts";

/** A folder of its own with one userlist in it. */
export type UserlistWorld = StoreWorld & { readonly folder: string; readonly file: string };

/** `text` (latin1) has the users `present` and `neighbour`, and no `absent`. */
export async function userlistWorld(text: string): Promise<UserlistWorld> {
  const folder = newFolder("userlist");
  const file = join(folder, "users.txt");
  await writeFile(file, text, { mode: 0o640, encoding: "latin1" });
  const kind = pgbouncerUserlist({ allowedRoots: [folder] });
  return {
    folder,
    file,
    bound: kind.bind({ store: "pgbouncer-userlist", file }),
    missing: kind.bind({ store: "pgbouncer-userlist", file: join(folder, "nowhere", "users.txt") }),
    keys: { present: "present", absent: "absent", neighbour: "neighbour" },
    everything: async () => {
      const names = (await readdir(folder)).toSorted();
      return JSON.stringify([names, await readFile(file, "latin1")]);
    },
    editNeighbour: async (value) => {
      const before = await readFile(file, "latin1");
      await writeFile(file, before.replace(/"neighbour"(\s+)"[^"]*"/, `"neighbour"$1"${value}"`), "latin1");
    },
    close: () => rm(folder, { recursive: true }),
  };
}
