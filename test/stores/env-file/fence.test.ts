import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { openStore } from "../../contract/store-world.ts";
import { type EnvWorld, envWorld } from "./env-world.ts";

const before = "PRESENT=old\nNEIGHBOUR=his\n";

describe("a worker that is stopped between its guard and its write", () => {
  it("writes nothing after a newer holder fenced it and published", () =>
    withStopped(async (world, late) => {
      const newer = await openStore(world.bound, { epoch: 3 });
      await newer.fence();
      const { version } = await newer.read(["PRESENT"]);
      await newer.publish({ PRESENT: new Secret("newer") }, version);

      expect(await late.goOn()).toBe("LeaseLost");
      expect(await readFile(world.file, "utf8")).toBe("PRESENT=newer\nNEIGHBOUR=his\n");
      expect(await readdir(world.folder)).toEqual([".env"]);
    }));

  it("writes nothing after a newer holder fenced it and put the old value back", () =>
    withStopped(async (world, late) => {
      const newer = await openStore(world.bound, { epoch: 3 });
      await newer.fence();
      const { version } = await newer.read(["PRESENT"]);
      await newer.publish({ PRESENT: new Secret("old") }, version);

      expect(await late.goOn()).toBe("LeaseLost");
      expect(await readFile(world.file, "utf8")).toBe(before);
    }));

  it("would have written without the fence", () =>
    withStopped(async (world, late) => {
      expect(await late.goOn()).toMatch(/^[0-9a-f]{12}$/);
      expect(await readFile(world.file, "utf8")).toBe("PRESENT=late\nNEIGHBOUR=his\n");
    }));

  it("is not fenced by an older holder, nor by another rotation", () =>
    withStopped(async (world, late) => {
      await (await openStore(world.bound, { epoch: 1 })).fence();
      const other = await world.bound.open({
        session: { rotationId: "r-7f3", epoch: 9, name: "keyturn:r-7f3:9", guard: () => undefined },
        signal: new AbortController().signal,
        resolve: () => Promise.reject(new Error("this world has no references")),
      });
      await other.fence();

      expect(await late.goOn()).toMatch(/^[0-9a-f]{12}$/);
    }));

  it("leaves its file to the next holder when it is killed", () =>
    withStopped(async (world, late) => {
      await late.kill();
      expect(await readdir(world.folder)).toContain("..env.keyturn-r-7f3a-2");

      await (await openStore(world.bound, { epoch: 3 })).fence();

      expect(await readdir(world.folder)).toEqual([".env"]);
      expect(await readFile(world.file, "utf8")).toBe(before);
    }));
});

type Late = { readonly goOn: () => Promise<string>; readonly kill: () => Promise<void> };

async function withStopped(act: (world: EnvWorld, late: Late) => Promise<void>): Promise<void> {
  const world = await envWorld(before);
  const { version } = await (await openStore(world.bound)).read([]);
  const program = join(import.meta.dirname, "late-writer.ts");
  const child = spawn(process.execPath, [program, world.folder, world.file, version, "2", "late"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = text(child.stdout);
  const exited = once(child, "exit");
  try {
    await stopped(child.pid ?? 0);
    await act(world, {
      goOn: async () => {
        child.kill("SIGCONT");
        return (await printed).trim();
      },
      kill: async () => {
        child.kill("SIGKILL");
        await exited;
      },
    });
  } finally {
    child.kill("SIGKILL");
    await exited;
    await world.close();
  }
}

/** Waits until the kernel shows the process as stopped (T). */
async function stopped(pid: number): Promise<void> {
  while (!(await readFile(`/proc/${pid}/stat`, "utf8")).includes(") T ")) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
