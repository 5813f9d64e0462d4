import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { needs } from "./need.ts";
import { findProgram, program } from "./program.ts";

describe("needing a server that this machine does not have", () => {
  let empty: string;
  beforeEach(() => {
    empty = mkdtempSync(join(tmpdir(), "keyturn-empty-"));
    vi.stubEnv("PATH", empty);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(empty, { recursive: true });
  });

  it.each(["", "false", undefined])("skips when CI is %j", (ci) => {
    vi.stubEnv("CI", ci);
    expect(findProgram("redis-server")).toBeUndefined();
    expect(needs("redis-server")).not.toBe(describe);
  });

  it("throws with CI=true, naming what is missing", () => {
    vi.stubEnv("CI", "true");
    expect(() => needs("redis-server", "redis-sentinel")).toThrow("CI must have redis-server, redis-sentinel");
  });

  it("says how to get it when it is started all the same", () => {
    expect(() => program("redis-server")).toThrow("apt-get install redis-server");
  });
});

describe("needing nothing that is missing", () => {
  it("is an ordinary describe, in CI too", () => {
    vi.stubEnv("CI", "true");
    expect(needs()).toBe(describe);
    vi.unstubAllEnvs();
  });
});
