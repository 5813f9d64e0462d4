import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/**
 * The builds of test/servers/go-programs.json: `{ name, module, programs, tests, target }`. `module` and `target` are
 * absolute folders; `target` holds the finished programs and is named after a hash of what they are built from, so that
 * an old build is never taken for a new one. Builds whose module is not there are included, with target undefined.
 */
export function goBuilds(root) {
  const builds = JSON.parse(readFileSync(join(root, "test", "servers", "go-programs.json"), "utf8"));
  return Object.entries(builds).map(([name, build]) => {
    const module = join(root, build.module);
    const target = existsSync(join(module, "go.mod"))
      ? join(programsFolder(root), `${name}-${sourceHash(module)}`)
      : undefined;
    return { name, module, programs: build.programs, tests: build.tests, target };
  });
}

/** The path of a finished program; undefined when no build has it or its build is still to be done. */
export function findGoProgram(root, program) {
  const build = goBuilds(root).find((candidate) => program in candidate.programs);
  const path = build?.target === undefined ? undefined : join(build.target, program);
  return path !== undefined && existsSync(path) ? path : undefined;
}

export function programsFolder(root) {
  return join(root, ".cache", "programs");
}

/** Names and contents of go.mod, go.sum and every .go file of the module but its tests. */
function sourceHash(module) {
  const hash = createHash("sha256");
  const files = readdirSync(module, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isSource(entry.name))
    .map((entry) => relative(module, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
  for (const file of files) {
    const text = readFileSync(join(module, file));
    hash.update(`${file.split(sep).join("/")} ${text.length}\n`).update(text);
  }
  return hash.digest("hex").slice(0, 12);
}

function isSource(name) {
  return name === "go.mod" || name === "go.sum" || (name.endsWith(".go") && !name.endsWith("_test.go"));
}
