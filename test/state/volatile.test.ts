import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { refuseVolatile } from "../../src/state/volatile.ts";

describe("a data folder", () => {
  it.runIf(existsSync("/dev/shm"))("is refused on a tmpfs, also before it is made", async () => {
    await expect(refuseVolatile("/dev/shm")).rejects.toMatchObject({ code: "volatile_folder" });
    await expect(refuseVolatile("/dev/shm/keyturn-not-there/data")).rejects.toMatchObject({ code: "volatile_folder" });
  });
});
