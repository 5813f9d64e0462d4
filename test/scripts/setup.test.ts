import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const scripts = fileURLToPath(new URL("../../scripts", import.meta.url));
let root: string;

/** A clone with the real scripts, a lock file, one test server named `some-server`, and a folder of stand-in programs. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "keyturn-setup-"));
  cpSync(scripts, join(root, "scripts"), { recursive: true });
  write("package-lock.json", JSON.stringify({ packages: { "": {}, "node_modules/one": { version: "1.0.0" } } }));
  const server = { package: "some-package", look: [join(root, "bin", "some-server")], tests: "something" };
  write("test/servers/programs.json", JSON.stringify({ "some-server": server }));
  write("test/servers/go-programs.json", "{}");
  program(
    "npm",
    'sleep 0.3; mkdir -p node_modules/.bin; touch node_modules/.bin/node; echo "npm $*" >> calls; echo noise',
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A program that runs in the clone and finds only other stand-ins and /bin on its PATH. */
function program(name: string, script: string): void {
  write(`bin/${name}`, `#!/bin/sh\nexport PATH=/bin:/usr/bin\ncd '${root}'\n${script}\n`);
  chmodSync(join(root, "bin", name), 0o755);
}

function calls(): string[] {
  return existsSync(join(root, "calls")) ? readFileSync(join(root, "calls"), "utf8").trim().split("\n") : [];
}

function setup(...args: readonly string[]): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const env = { PATH: join(root, "bin") };
    const child = spawn(process.execPath, [join(root, "scripts", "setup.mjs"), ...args], { env });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
    child.on("error", reject).on("close", (code) => resolve({ code, said }));
  });
}

describe("setup of npm packages", () => {
  it("installs once, says so in one line, and is silent afterwards", async () => {
    expect(await setup()).toEqual({ code: 0, said: "installing npm packages ...\n" });
    expect(await setup()).toEqual({ code: 0, said: "" });
    expect(calls()).toEqual(["npm ci --include=dev --no-audit --no-fund --loglevel=error"]);
  });

  it("installs again when the lock file has changed", async () => {
    await setup();
    write("package-lock.json", JSON.stringify({ packages: { "": {}, "node_modules/one": { version: "2.0.0" } } }));
    await setup();
    expect(calls()).toHaveLength(2);
  });

  it("believes npm's own record when the packages were installed by hand", async () => {
    write("node_modules/.bin/node", "");
    write(
      "node_modules/.package-lock.json",
      JSON.stringify({ packages: { "node_modules/one": { version: "1.0.0" } } }),
    );
    expect(await setup()).toEqual({ code: 0, said: "" });
    expect(calls()).toEqual([]);
  });

  it.each([
    ["another version", { "node_modules/one": { version: "0.9.0" } }],
    ["a package missing", {}],
    ["a package too many", { "node_modules/one": { version: "1.0.0" }, "node_modules/two": { version: "1.0.0" } }],
  ])("does not believe a record with %s", async (_, packages) => {
    write("node_modules/.bin/node", "");
    write("node_modules/.package-lock.json", JSON.stringify({ packages }));
    await setup();
    expect(calls()).toHaveLength(1);
  });

  it("runs once when two set-ups start together", async () => {
    const results = await Promise.all([setup(), setup()]);
    expect(results.map((result) => result.code)).toEqual([0, 0]);
    expect(calls()).toHaveLength(1);
    expect(existsSync(join(root, ".cache", "setup.lock"))).toBe(false);
  });

  it("takes over the lock of a set-up that was killed", async () => {
    const dead = spawn("/bin/true");
    await new Promise((resolve) => dead.on("exit", resolve));
    write(".cache/setup.lock", String(dead.pid));
    const results = await Promise.all([setup(), setup(), setup()]);
    expect(results.map((result) => result.code)).toEqual([0, 0, 0]);
    expect(calls()).toHaveLength(1);
  });

  it("shows what npm said and fails when npm fails, and leaves no lock", async () => {
    program("npm", "echo the reason >&2; exit 3");
    const { code, said } = await setup();
    expect(code).toBe(1);
    expect(said).toContain("the reason\nnpm ci failed");
    expect(existsSync(join(root, ".cache", "setup.lock"))).toBe(false);
  });

  it("says what is wrong when the pinned Node was not installed", async () => {
    program("npm", "mkdir -p node_modules");
    expect(await setup()).toMatchObject({ code: 1, said: expect.stringContaining("install script") });
  });
});

describe("setup of test servers", () => {
  beforeEach(() => setup());

  it("does not look at them unless asked", async () => {
    expect(await setup()).toEqual({ code: 0, said: "" });
  });

  it("names each missing one, what is skipped, and how to get it, where there is no apt-get", async () => {
    const said = "some-server is missing (apt-get install some-package): tests of something are skipped\n";
    expect(await setup("--servers")).toEqual({ code: 0, said });
  });

  it("is silent when all are there", async () => {
    program("some-server", "");
    expect(await setup("--servers")).toEqual({ code: 0, said: "" });
  });

  it.runIf(process.getuid?.() === 0)("installs what is missing as root, quietly and once", async () => {
    program(
      "apt-get",
      'echo "$* $DEBIAN_FRONTEND" >> calls; echo noise; [ "$2" = update ] || { echo > bin/some-server; chmod +x bin/some-server; }',
    );
    expect(await setup("--servers")).toEqual({ code: 0, said: "installing some-package ...\n" });
    expect(await setup("--servers")).toEqual({ code: 0, said: "" });
    expect(calls().slice(1)).toEqual([
      "-qq update noninteractive",
      "-qq install -y --no-install-recommends some-package noninteractive",
    ]);
  });

  it.runIf(process.getuid?.() === 0)("shows apt's error and goes on without the server", async () => {
    program("apt-get", '[ "$2" = update ] || { echo "E: no such package" >&2; exit 100; }');
    const { code, said } = await setup("--servers");
    expect(code).toBe(0);
    expect(said).toContain("E: no such package");
    expect(said).toContain("some-server is missing");
  });
});
