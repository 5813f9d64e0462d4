import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPythonProgram } from "../../scripts/setup/python-programs.mjs";

const scripts = fileURLToPath(new URL("../../scripts", import.meta.url));
const announcement = "installing super with pip (the first time this takes minutes) ...\n";
let root: string;

/** A set-up clone with the real scripts and one Python program; `python3` is a stand-in, also for the one of its environment. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "keyturn-setup-pip-"));
  cpSync(scripts, join(root, "scripts"), { recursive: true });
  const packages = JSON.stringify({ packages: {} });
  write("package-lock.json", packages);
  write("node_modules/.package-lock.json", packages);
  write("node_modules/.bin/node", "");
  write("test/servers/programs.json", "{}");
  write("test/servers/go-programs.json", "{}");
  write(
    "test/servers/python-programs.json",
    JSON.stringify({ super: { folder: "test/servers/super", tests: "users" } }),
  );
  write("test/servers/super/requirements.txt", "thing==1.0\n");
  write("test/servers/super/prepare.py", "");
  python("3.11.7");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** `-m venv DIR` copies itself to DIR/bin/python; `failing`: the call with this word in it ends with 1. */
function python(version: string, failing = "nothing"): void {
  const script = [
    "export PATH=/bin:/usr/bin",
    `if [ "$1" = --version ]; then echo "Python ${version}"; exit; fi`,
    `case "$*" in *${failing}*) echo "the reason"; exit 1;; esac`,
    'if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; exit; fi',
    'case "$1" in *prepare.py) mkdir -p "$2"; echo made > "$2/made";; esac',
  ];
  write("bin/python3", `#!/bin/sh\n${script.join("\n")}\n`);
  chmodSync(join(root, "bin", "python3"), 0o755);
}

function setup(): string {
  const args = [join(root, "scripts", "setup.mjs"), "--servers"];
  const run = spawnSync(process.execPath, args, { env: { PATH: join(root, "bin") }, encoding: "utf8" });
  expect(run.status, run.stderr).toBe(0);
  return `${run.stdout}${run.stderr}`;
}

function finished(): string[] {
  return existsSync(join(root, ".cache/programs")) ? readdirSync(join(root, ".cache/programs")) : [];
}

describe("setup of programs that pip installs", () => {
  it("installs and prepares one once, says so in one line, and is silent then", () => {
    expect(findPythonProgram(root, "super")).toBeUndefined();
    expect(setup()).toBe(announcement);
    expect(setup()).toBe("");
    expect(finished()).toEqual([expect.stringMatching(/^super-[0-9a-f]{12}$/)]);
    const found = findPythonProgram(root, "super");
    expect(found?.folder).toBe(join(root, "test/servers/super"));
    expect([found?.python, found?.home].map((path) => existsSync(path ?? ""))).toEqual([true, true]);
  });

  it.each(["requirements.txt", "prepare.py"])("installs again when %s has changed, and removes the old one", (file) => {
    setup();
    write(`test/servers/super/${file}`, "other==2.0\n");
    expect(findPythonProgram(root, "super")).toBeUndefined();
    expect(setup()).toBe(announcement);
    expect(finished()).toHaveLength(1);
  });

  it.each([
    ["venv", "cannot be installed (is python3-venv there?)"],
    ["requirements", "cannot be installed"],
    ["prepare", "cannot be prepared"],
  ])("names what is skipped when %s fails, leaves nothing, and tries again", (failing, why) => {
    python("3.11.7", failing);
    const said = setup();
    expect(said).toContain(`super missing (${why}): tests of users are skipped\n`);
    expect(said).toContain("the reason");
    expect(finished()).toEqual([]);
    python("3.12.1");
    expect(setup()).toBe(announcement);
  });

  it.each(["3.9.2", "3.13.0", "2.7.18"])("does not try with Python %s", (version) => {
    python(version);
    expect(setup()).toBe("super missing (needs Python 3.10 to 3.12): tests of users are skipped\n");
  });
});
