import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkFileMode } from "../../src/catalog/file-mode.ts";
import { makeResolver } from "../../src/catalog/references.ts";
import { KeyturnError } from "../../src/core/errors.ts";
import type { Finding } from "../../src/core/ports.ts";

let root = "";
let folder = "";
const warnings: Finding[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "keyturn-references-"));
  folder = join(root, "secrets");
  await mkdir(join(folder, "inner"), { recursive: true });
  await mkdir(join(root, "secrets-not"));
  await writeFile(join(root, "secrets-not", "outside"), "canary", { mode: 0o600 });
  await writeFile(join(folder, "plain"), "value\n", { mode: 0o600 });
  await writeFile(join(folder, "crlf"), "value\r\n", { mode: 0o600 });
  await writeFile(join(folder, "two"), "value\n\n", { mode: 0o600 });
  await writeFile(join(folder, "empty"), "\n", { mode: 0o600 });
  await writeFile(join(folder, "large"), "x".repeat(70_000), { mode: 0o600 });
  await writeFile(join(folder, "inner", "deep"), "deep", { mode: 0o600 });
  await symlink("inner/deep", join(folder, "link-inside"));
  await symlink("../secrets-not/outside", join(folder, "link-outside"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

function resolver(signal = new AbortController().signal) {
  const env = {
    ADMIN: "from-env",
    EMPTY: "",
    SLACK_BOT_TOKEN: "canary",
    KEYTURN_SEAL_KEY: "canary",
    DATABASE_URL: "canary",
  };
  return makeResolver({ env, secretsFolder: folder, signal, warn: (finding) => warnings.push(finding) });
}

async function outcome(reference: string): Promise<string> {
  try {
    return (await resolver()(reference)).reveal();
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    expect(`${error.message} ${error.hint ?? ""}`).not.toContain("canary");
    return error.code;
  }
}

describe("a reference", () => {
  it.each([
    ["env:ADMIN", "from-env"],
    ["env:EMPTY", "reference_missing"],
    ["env:NOWHERE", "reference_missing"],
    ["env:constructor", "reference_missing"],
    ["env:SLACK_BOT_TOKEN", "reference_forbidden"],
    ["env:KEYTURN_SEAL_KEY", "reference_forbidden"],
    ["env:DATABASE_URL", "reference_forbidden"],
    ["env:QUEUE_URL", "reference_forbidden"],
    ["vault:x", "reference_unknown"],
    ["hunter2", "reference_unknown"],
    ["file:plain", "value"],
    ["file:crlf", "value"],
    ["file:two", "value\n"],
    ["file:inner/deep", "deep"],
    ["file:link-inside", "deep"],
    ["file:inner/../plain", "value"],
    ["file:empty", "reference_missing"],
    ["file:nowhere", "reference_missing"],
    ["file:large", "reference_unreadable"],
    ["file:inner", "reference_unreadable"],
    ["file:link-outside", "reference_forbidden"],
    ["file:../secrets-not/outside", "reference_forbidden"],
    ["file:.", "reference_forbidden"],
    ["file:/etc/passwd", "reference_forbidden"],
  ])("%s gives %s", async (reference, expected) => {
    expect(await outcome(reference)).toBe(expected);
  });

  it("takes an absolute path inside of the folder", async () => {
    expect(await outcome(`file:${join(folder, "plain")}`)).toBe("value");
    expect(await outcome(`file:${join(root, "secrets-not", "outside")}`)).toBe("reference_forbidden");
  });

  it("is read afresh each time", async () => {
    const resolve = resolver();
    await writeFile(join(folder, "moving"), "one", { mode: 0o600 });
    expect((await resolve("file:moving")).reveal()).toBe("one");
    await writeFile(join(folder, "next"), "two", { mode: 0o600 });
    await rename(join(folder, "next"), join(folder, "moving"));
    expect((await resolve("file:moving")).reveal()).toBe("two");
  });

  it("warns once of a file that every user may read", async () => {
    const resolve = resolver();
    await writeFile(join(folder, "open"), "value");
    await chmod(join(folder, "open"), 0o644);
    warnings.length = 0;
    await resolve("file:open");
    await resolve("file:open");
    expect(warnings).toEqual([
      {
        severity: "warning",
        code: "reference_world_readable",
        sentence: "every user may read file:open",
        command: expect.stringMatching(/^chmod o-r /),
      },
    ]);
  });

  it("is not read any more once the signal is aborted", async () => {
    await expect(resolver(AbortSignal.abort())("env:ADMIN")).rejects.toThrow(/abort/i);
  });
});

it("a catalog that group or others may write is refused with the command that mends it", async () => {
  const file = join(root, "catalog.yaml");
  await writeFile(file, "version: 1\n");
  for (const [mode, isFine] of [
    [0o644, true],
    [0o600, true],
    [0o664, false],
    [0o646, false],
    [0o666, false],
  ] as const) {
    await chmod(file, mode);
    const problem = await checkFileMode(file);
    expect(problem === undefined).toBe(isFine);
    if (problem !== undefined)
      expect(problem).toMatchObject({ file, found: `mode ${mode.toString(8)}`, hint: `chmod go-w ${file}` });
  }
});
