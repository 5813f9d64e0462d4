import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findGoProgram } from "../../scripts/setup/go-programs.mjs";

const scripts = fileURLToPath(new URL("../../scripts", import.meta.url));
const announcement = "building one, two from pinned Go modules (the first time this takes minutes) ...\n";
let root: string;

/** A set-up clone with the real scripts and a module of two programs; `go` is a stand-in that notes what it builds. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "keyturn-setup-go-"));
  cpSync(scripts, join(root, "scripts"), { recursive: true });
  const packages = JSON.stringify({ packages: {} });
  write("package-lock.json", packages);
  write("node_modules/.package-lock.json", packages);
  write("node_modules/.bin/node", "");
  write("test/servers/programs.json", "{}");
  const build = { module: "test/servers/pair", programs: { one: "example.test/one", two: "." }, tests: "pairs" };
  write("test/servers/go-programs.json", JSON.stringify({ pair: build }));
  write("test/servers/pair/go.mod", "module example.test/pair\n\ngo 1.26.0\n");
  write("test/servers/pair/main.go", "package main\n");
  go("1.26.8");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** `go build` makes the file after `-o`, the last argument but one, unless `building` says something else. */
function go(version: string, building = ""): void {
  const script = [
    "export PATH=/bin:/usr/bin",
    `if [ "$1" = version ]; then echo "go version go${version} linux/amd64"; exit; fi`,
    `echo "$PWD $* $GOTOOLCHAIN $CGO_ENABLED" >> '${root}/calls'`,
    `while [ $# -gt 2 ]; do shift; done; ${building}`,
    'mkdir -p "$(dirname "$1")"; echo "go: downloading something" >&2; echo built > "$1"',
  ];
  write("bin/go", `#!/bin/sh\n${script.join("\n")}\n`);
  chmodSync(join(root, "bin", "go"), 0o755);
}

function calls(): string[] {
  return existsSync(join(root, "calls")) ? readFileSync(join(root, "calls"), "utf8").trim().split("\n") : [];
}

function finished(): string[] {
  return existsSync(join(root, ".cache/programs")) ? readdirSync(join(root, ".cache/programs")) : [];
}

function start(): ChildProcess {
  const args = [join(root, "scripts", "setup.mjs"), "--servers"];
  return spawn(process.execPath, args, { env: { PATH: join(root, "bin") } });
}

async function setup(): Promise<{ code: unknown; said: string }> {
  const child = start();
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (said += String(chunk)));
  const [code]: unknown[] = await once(child, "close");
  return { code, said };
}

describe("setup of programs built from Go modules", () => {
  it("builds all programs of a module once, with the machine's Go, says so in one line, and is silent then", async () => {
    expect(findGoProgram(root, "two")).toBeUndefined();
    expect(await setup()).toEqual({ code: 0, said: announcement });
    expect(await setup()).toEqual({ code: 0, said: "" });
    const half = join(root, ".cache/programs/.building-pair");
    const flags = "build -mod=readonly -buildvcs=false -trimpath -ldflags -s -w -o";
    expect(calls()).toEqual([
      `${root}/test/servers/pair ${flags} ${half}/one example.test/one local 0`,
      `${root}/test/servers/pair ${flags} ${half}/two . local 0`,
    ]);
    expect(finished()).toEqual([expect.stringMatching(/^pair-[0-9a-f]{12}$/)]);
    expect(findGoProgram(root, "two")).toBe(join(root, ".cache/programs", finished()[0] ?? "", "two"));
    expect(findGoProgram(root, "three")).toBeUndefined();
  });

  it.each(["go.mod", "go.sum", "main.go", "deeper/more.go"])("builds again when %s has changed", async (file) => {
    await setup();
    write(`test/servers/pair/${file}`, "go 1.25\n");
    expect(findGoProgram(root, "one")).toBeUndefined();
    expect(await setup()).toEqual({ code: 0, said: announcement });
    expect(finished()).toHaveLength(1);
    expect(findGoProgram(root, "one")).toBeDefined();
  });

  it("does not build again for the module's own tests and documentation", async () => {
    await setup();
    write("test/servers/pair/main_test.go", "package main\n");
    write("test/servers/pair/README.md", "words\n");
    expect(await setup()).toEqual({ code: 0, said: "" });
  });

  it("shows Go's last words and goes on without the programs when a build fails, and tries again", async () => {
    go("1.26.8", "if [ $2 = . ]; then echo noise >&2; echo 'main.go:1: the reason' >&2; exit 1; fi");
    const { code, said } = await setup();
    expect(code).toBe(0);
    expect(said).toContain("go build of two failed:\nnoise\nmain.go:1: the reason\n");
    expect(said).not.toContain("downloading");
    expect(said).toContain("one, two missing (cannot be built): tests of pairs are skipped\n");
    expect(finished()).toEqual([]);
    go("1.26.8");
    expect((await setup()).said).toBe(announcement);
  });

  it("never takes the leftovers of a killed build for a finished one", async () => {
    go(
      "1.26.8",
      "[ $2 = . ] && { touch '../../../waiting'; while [ -e ../../../waiting ]; do sleep 0.1; done; exit 1; }",
    );
    const child = start();
    await expect.poll(() => existsSync(join(root, "waiting")), { timeout: 20_000 }).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(finished()).toEqual([".building-pair"]);
    expect(findGoProgram(root, "one")).toBeUndefined();
    go("1.26.8");
    expect(await setup()).toEqual({ code: 0, said: announcement });
    expect(finished()).toEqual([expect.stringMatching(/^pair-[0-9a-f]{12}$/)]);
  });

  it.each([
    ["1.26.0", true],
    ["1.27", true],
    ["1.19.8", false],
    ["1.9", false],
  ])("with Go %s builds: %s", async (version, builds) => {
    go(version);
    const why = `one, two missing (needs Go 1.26.0, found ${version}): tests of pairs are skipped\n`;
    expect((await setup()).said).toBe(builds ? announcement : why);
  });

  it("names what is skipped where the module is not there", async () => {
    rmSync(join(root, "test/servers/pair"), { recursive: true });
    const { code, said } = await setup();
    expect(code).toBe(0);
    expect(said).toMatch(/^one, two missing \(there is no .*pair\/go\.mod\): tests of pairs are skipped\n$/);
  });
});
