import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { root } from "../guards/tree.ts";

const page = read("README.md");

describe("README.md", () => {
  it("has a row for every variable that the program reads, and no other", () => {
    const inCode = [
      ...read("src/bot/config.ts").matchAll(/"((?:KEYTURN|SLACK)_[A-Z_]*[A-Z]|DATABASE_URL|QUEUE_URL)"/g),
    ];
    const inTable = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)];
    const names = (found: readonly RegExpExecArray[]) => [...new Set(found.map(([, name = ""]) => name))].toSorted();
    expect(names(inTable)).toEqual(names(inCode));
  });

  it("names the defaults that the program has", () => {
    const config = read("src/bot/config.ts");
    const defaults = { KEYTURN_SECRETS: "/run/secrets", KEYTURN_CONCURRENCY: "8", KEYTURN_LEASE_MS: "8000" };
    for (const [name, value] of Object.entries(defaults)) {
      expect(config).toContain(`env["${name}"] ?? "${value}"`);
      expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\| \`?${value}\`? \\|`, "m"));
    }
  });

  it("names scripts and commands that exist, and every command", () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read("package.json")));
    for (const [, name = ""] of page.matchAll(/npm run (\w+)/g)) expect(Object.keys(scripts)).toContain(name);
    const { stdout } = spawnSync(process.execPath, [join(root, "src/cli/main.ts"), "help"], { encoding: "utf8" });
    const commands = [...stdout.matchAll(/^keyturn (\w+)/gm)].map(([, name]) => name);
    const rows = [...page.matchAll(/^\| `npm run keyturn -- (\w+)/gm)].map(([, name]) => name);
    expect(new Set(rows)).toEqual(new Set(commands));
  });

  it("links to files that exist", () => {
    const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = ""]) => path);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("names every adapter that is registered", () => {
    const folders = globSync("src/{rotators,stores,consumers,checks}/*/README.md", { cwd: root });
    expect(folders.filter((path) => !page.includes(`](${path})`))).toEqual([]);
  });

  it("is short", () => {
    expect(page.split("\n").length).toBeLessThan(200);
  });
});

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
