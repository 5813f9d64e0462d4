import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { goBuilds, programsFolder } from "./go-programs.mjs";

const unfinished = ".building-";

/** The builds of test/servers/go-programs.json that are not in .cache/programs as their sources now stand. */
export function missingGoBuilds(root) {
  return goBuilds(root).filter((build) => build.target === undefined || !existsSync(build.target));
}

/**
 * Builds them one after the other; takes minutes when Go's own cache is empty. The programs are built in a folder that
 * gets its name when all of them are there, so a run that was cut off leaves nothing that looks finished; finished
 * builds of older sources are removed. Returns those that are still missing, with `why`; never throws for one of them.
 */
export function buildGoPrograms(root, missing) {
  if (missing.length === 0) return [];
  const folder = programsFolder(root);
  mkdirSync(folder, { recursive: true });
  remove(folder, (name) => name.startsWith(unfinished));
  const go = findGo();
  return missing.flatMap((build) => {
    const why = whyNot(go, build) ?? compile(go, build, folder);
    return why === undefined ? [] : [{ ...build, why }];
  });
}

/** The `go` to use and its version; undefined when there is none that runs. */
function findGo() {
  for (const command of ["go", "/usr/local/go/bin/go"]) {
    const version = spawnSync(command, ["version"], { encoding: "utf8", env: goEnv() });
    const found = /^go version go(\d+(?:\.\d+)*)/.exec(version.stdout ?? "");
    if (version.status === 0 && found !== null) return { command, version: found[1] };
  }
  return undefined;
}

function whyNot(go, build) {
  if (build.target === undefined) return `there is no ${join(build.module, "go.mod")}`;
  const asked = /^go (\d+(?:\.\d+)*)/m.exec(readFileSync(join(build.module, "go.mod"), "utf8"))?.[1] ?? "1";
  if (go === undefined) return `needs Go ${asked}`;
  return older(go.version, asked) ? `needs Go ${asked}, found ${go.version}` : undefined;
}

function older(version, asked) {
  const [have, want] = [version, asked].map((text) => text.split(".").map(Number));
  const at = want.findIndex((number, index) => number !== (have[index] ?? 0));
  return at !== -1 && (have[at] ?? 0) < want[at];
}

/** Undefined when all is built; else what failed, after the last lines of what Go said. */
function compile(go, build, folder) {
  const names = Object.keys(build.programs);
  console.log(`building ${names.join(", ")} from pinned Go modules (the first time this takes minutes) ...`);
  const half = join(folder, `${unfinished}${build.name}`);
  for (const [name, path] of Object.entries(build.programs)) {
    const flags = ["-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w"];
    const args = ["build", ...flags, "-o", join(half, name), path];
    const run = spawnSync(go.command, args, { cwd: build.module, encoding: "utf8", env: goEnv() });
    if (run.status === 0 && existsSync(join(half, name))) continue;
    const said = `${run.stderr ?? ""}${run.error?.message ?? ""}`.split("\n");
    const words = said.filter((line) => line !== "" && !line.startsWith("go: downloading"));
    console.error(`go build of ${name} failed:\n${words.slice(-8).join("\n")}`);
    rmSync(half, { recursive: true, force: true });
    return "cannot be built";
  }
  const hashed = new RegExp(`^${build.name}-[0-9a-f]{12}$`);
  remove(folder, (name) => hashed.test(name) && name !== basename(build.target));
  renameSync(half, build.target);
  return undefined;
}

function remove(folder, which) {
  for (const name of readdirSync(folder).filter(which)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Never another Go than the machine's, never a C compiler. */
function goEnv() {
  return { ...process.env, GOTOOLCHAIN: "local", GOWORK: "off", CGO_ENABLED: "0" };
}
