import { spawnSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { envWorld } from "./env-world.ts";

const unshare = "/usr/bin/unshare";
const allowed = spawnSync(unshare, [
  "--mount",
  "sh",
  "-c",
  "touch /tmp/.keyturn-m && mount --bind /tmp/.keyturn-m /tmp/.keyturn-m",
]);

describe("a single file that is mounted by itself", () => {
  it.skipIf(allowed.status !== 0)(
    "is written in place, after a warning, and answers a fence with unfenced (needs the right to mount)",
    async () => {
      const world = await envWorld("# kept\nPRESENT=a much longer old value\nNEIGHBOUR=his\n");
      try {
        const source = join(world.folder, "mounted");
        await writeFile(source, await readFile(world.file), { mode: 0o640 });
        const program = join(import.meta.dirname, "edit-mounted.ts");
        const inside = `mount --bind "$1" "$2" && exec "$3" "$4" "$5" "$2"`;

        const ran = spawnSync(
          unshare,
          ["--mount", "sh", "-c", inside, "sh", source, world.file, process.execPath, program, world.folder],
          { encoding: "utf8" },
        );

        expect(ran.stderr).toBe("");
        expect(JSON.parse(ran.stdout)).toEqual({
          findings: [
            ["warning", "file_mounted"],
            ["warning", "unfenced"],
          ],
          fence: "unfenced",
          stale: "LostRace",
          values: ["new", "his"],
        });
        expect(await readFile(source, "utf8")).toBe("# kept\nPRESENT=new\nNEIGHBOUR=his\n");
        expect(await readFile(world.file, "utf8")).toContain("a much longer old value");
        expect(await readdir(world.folder)).toEqual([".env", "mounted"]);
      } finally {
        await world.close();
      }
    },
  );
});
