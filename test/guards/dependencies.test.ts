import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { dependencyReasons } from "./dependency-reasons.ts";
import { root } from "./tree.ts";

const Versions = z.record(z.string(), z.string()).default({});
const Package = z.object({ dependencies: Versions, devDependencies: Versions, optionalDependencies: Versions });
const Lock = z.object({ packages: z.record(z.string(), z.looseObject({})) });
const exact = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

/** Complaints about a package.json: each dependency that is not pinned to one version. */
function unpinned(manifest: unknown): readonly string[] {
  return Object.entries(direct(manifest))
    .filter(([, version]) => !exact.test(version))
    .map(([name, version]) => `${name}: ${version}`);
}

function direct(manifest: unknown): Readonly<Record<string, string>> {
  const { dependencies, devDependencies, optionalDependencies } = Package.parse(manifest);
  return { ...dependencies, ...devDependencies, ...optionalDependencies };
}

/** Complaints about a lock file: each package that says where it was downloaded, which ties an installation to one host. */
function located(lock: unknown): readonly string[] {
  return Object.entries(Lock.parse(lock).packages)
    .filter(([, entry]) => "resolved" in entry)
    .map(([path]) => path);
}

describe("dependencies", () => {
  it.each(["^1.2.3", "~1.2.3", ">=1", "1.x", "latest", "github:a/b", "file:../b"])(
    "%s is no pinned version",
    (version) => {
      expect(unpinned({ dependencies: { a: version } })).toEqual([`a: ${version}`]);
      expect(unpinned({ devDependencies: { a: version } })).toEqual([`a: ${version}`]);
    },
  );

  it("are each pinned to one version", () => {
    expect(unpinned(read("package.json"))).toEqual([]);
  });

  it("are each in the table of reasons, and the table names no other", () => {
    expect(Object.keys(dependencyReasons).sort()).toEqual(Object.keys(direct(read("package.json"))).sort());
  });

  it("are located nowhere: a lock entry with a download address is found", () => {
    expect(located({ packages: { "": {}, "node_modules/a": { resolved: "https://example.test/a.tgz" } } })).toEqual([
      "node_modules/a",
    ]);
  });

  it("are located nowhere in this repository's lock file, which pins the same versions", () => {
    const lock = read("package-lock.json");
    expect(located(lock)).toEqual([]);
    expect(direct(Lock.parse(lock).packages[""])).toEqual(direct(read("package.json")));
  });
});
