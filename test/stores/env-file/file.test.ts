import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { chmod, chown, link, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LostRace } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { envFile } from "../../../src/stores/env-file/store.ts";
import { openStore } from "../../contract/store-world.ts";
import { type EnvWorld, envWorld } from "./env-world.ts";

const before = "PRESENT=old\nNEIGHBOUR=his\n";
const isRoot = process.geteuid?.() === 0;

describe("the file itself", () => {
  it("keeps its mode, and is another file afterwards, so that no reader sees half of it", () =>
    withFile(async (world) => {
      await chmod(world.file, 0o604);
      const old = await stat(world.file);

      await publish(world, "new");

      const next = await stat(world.file);
      expect([next.mode & 0o7777, next.ino === old.ino]).toEqual([0o604, false]);
    }));

  it.skipIf(!isRoot)("keeps its owner and group (needs root)", () =>
    withFile(async (world) => {
      await chown(world.file, 4711, 4712);

      await publish(world, "new");

      const { uid, gid, mode } = await stat(world.file);
      expect([uid, gid, mode & 0o777]).toEqual([4711, 4712, 0o640]);
    }),
  );

  it("is edited behind a link that stays in the allowed folder, and the link stays a link", () =>
    withFile(async (world) => {
      const real = join(world.folder, "real.env");
      await writeFile(real, before);
      await rm(world.file);
      await symlink("real.env", world.file);

      await publish(world, "new");

      expect(await readFile(real, "utf8")).toBe("PRESENT=new\nNEIGHBOUR=his\n");
      expect(
        (await readdir(world.folder, { withFileTypes: true })).find(({ name }) => name === ".env")?.isSymbolicLink(),
      ).toBe(true);
    }));

  it("is refused behind a link that leads out, naming where it leads, and nothing there changes", () =>
    withFile(async (outside) =>
      withFile(async (world) => {
        await rm(world.file);
        await symlink(outside.file, world.file);
        const store = await openStore(world.bound);

        const findings = await store.preflight(["PRESENT"]);
        expect(findings).toMatchObject([{ severity: "error", code: "file_outside" }]);
        expect(findings[0]?.sentence).toContain(outside.file);
        await expect(store.read(["PRESENT"])).rejects.toMatchObject({ code: "file_outside" });
        await expect(store.publish({ PRESENT: new Secret("x") }, "any")).rejects.toMatchObject({
          code: "file_outside",
        });
        await expect(store.fence()).rejects.toMatchObject({ code: "file_outside" });
        expect(await outside.everything()).toBe(JSON.stringify([[".env"], before]));
      }),
    ));

  it("is refused when a folder above it is a link that leads out", () =>
    withFile(async (outside) =>
      withFile(async (world) => {
        await symlink(outside.folder, join(world.folder, "sub"));
        const kind = envFile({ allowedRoots: [world.folder] });
        const store = await openStore(kind.bind({ store: "env-file", file: join(world.folder, "sub/.env") }));

        await expect(store.read(["PRESENT"])).rejects.toMatchObject({ code: "file_outside" });
      }),
    ));

  it("is refused when it is a folder, and when no folder is allowed", () =>
    withFile(async (world) => {
      await mkdir(join(world.folder, "dir.env"));
      const bind = (allowedRoots: string[], name: string) =>
        openStore(envFile({ allowedRoots }).bind({ store: "env-file", file: join(world.folder, name) }));

      await expect((await bind([world.folder], "dir.env")).read([])).rejects.toMatchObject({ code: "file_not_a_file" });
      await expect((await bind([], ".env")).read([])).rejects.toMatchObject({ code: "file_outside" });
    }));

  it("is warned about when everybody may read it, and when it has another name", () =>
    withFile(async (world) => {
      await chmod(world.file, 0o644);
      await link(world.file, join(world.folder, "same.env"));

      const findings = await (await openStore(world.bound)).preflight(["PRESENT"]);

      expect(findings.map(({ severity, code }) => [severity, code])).toEqual([
        ["warning", "file_hard_link"],
        ["warning", "file_world_readable"],
      ]);
      expect(findings[1]?.command).toBe(`chmod o-rwx ${world.file}`);
    }));

  it.skipIf(!isRoot)("is an error when this user could not give it back to its owner (needs root)", () =>
    withFile(async (world) => {
      await chmod(world.folder, 0o755);
      const program = join(import.meta.dirname, "look-as.ts");
      const ran = spawnSync(process.execPath, [program, "4711", world.folder, world.file], { encoding: "utf8" });

      expect(ran.stdout.trim().split("\n")).toEqual(["file_not_readable"]);
      await chmod(world.file, 0o644);
      const again = spawnSync(process.execPath, [program, "4711", world.folder, world.file], { encoding: "utf8" });
      expect(again.stdout.trim().split("\n")).toEqual([
        "file_folder_not_writable",
        "file_owner",
        "file_world_readable",
      ]);
    }),
  );

  it("keeps an edit that somebody makes while the new file is being prepared", () =>
    withFile(async (world) => {
      const { version } = await (await openStore(world.bound)).read([]);
      const edit = "PRESENT=old\nNEIGHBOUR=edited\n";
      // Every look asks the signal first; the second one is the last before the rename.
      const { signal } = new AbortController();
      let looks = 0;
      signal.throwIfAborted = () => {
        looks += 1;
        if (looks === 2) writeFileSync(world.file, edit);
      };
      const store = await openStore(world.bound, { signal });

      await expect(store.publish({ PRESENT: new Secret("new") }, version)).rejects.toThrow(LostRace);

      expect(await world.everything()).toBe(JSON.stringify([[".env"], edit]));
    }));

  it("says which line stops it, before and at the write, and writes nothing", () =>
    withFile(async (world) => {
      await writeFile(world.file, "PRESENT=1\nPRESENT=2\n");
      const store = await openStore(world.bound);

      expect(await store.preflight(["PRESENT"])).toMatchObject([{ severity: "error", code: "env_duplicate" }]);
      const { version } = await store.read([]);
      await expect(store.publish({ PRESENT: new Secret("x") }, version)).rejects.toMatchObject({
        code: "env_duplicate",
      });
      expect(await readFile(world.file, "utf8")).toBe("PRESENT=1\nPRESENT=2\n");
    }));
});

async function publish(world: EnvWorld, value: string): Promise<void> {
  const store = await openStore(world.bound);
  await store.publish({ PRESENT: new Secret(value) }, (await store.read([])).version);
  expect(await readFile(world.file, "utf8")).toBe(`PRESENT=${value}\nNEIGHBOUR=his\n`);
}

async function withFile(act: (world: EnvWorld) => Promise<void>): Promise<void> {
  const world = await envWorld(before);
  try {
    await act(world);
  } finally {
    await world.close();
  }
}
