import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { programsFolder } from "./go-programs.mjs";
import { pythonPrograms } from "./python-programs.mjs";

const oldest = 10;
const newest = 12;
const unfinished = ".installing-";

/** The programs of test/servers/python-programs.json that are not in .cache/programs as their folders now stand. */
export function missingPythonPrograms(root) {
  return pythonPrograms(root).filter(({ target }) => target === undefined || !existsSync(target));
}

/**
 * Installs them one after the other, each into an environment of its own that gets its name when all of it is there; finished
 * ones of older sources are removed. Returns those that are still missing, with `why`; never throws for one of them.
 */
export function installPythonPrograms(root, missing) {
  if (missing.length === 0) return [];
  const folder = programsFolder(root);
  mkdirSync(folder, { recursive: true });
  return missing.flatMap((program) => {
    const why =
      program.target === undefined ? `there is no ${program.folder}/requirements.txt` : install(program, folder);
    return why === undefined ? [] : [{ ...program, why }];
  });
}

/** Undefined when all is there; else what failed, after the last lines of what was said. */
function install({ name, folder, target }, programs) {
  const minor = Number(
    /^Python 3\.(\d+)/.exec(spawnSync("python3", ["--version"], { encoding: "utf8" }).stdout ?? "")?.[1],
  );
  if (!(minor >= oldest && minor <= newest)) return `needs Python 3.${oldest} to 3.${newest}`;
  console.log(`installing ${name} with pip (the first time this takes minutes) ...`);
  const half = join(programs, `${unfinished}${name}`);
  rmSync(half, { recursive: true, force: true });
  const python = join(half, "bin", "python");
  const pip = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "-r",
    join(folder, "requirements.txt"),
  ];
  const steps = [
    ["python3", ["-m", "venv", half], "cannot be installed (is python3-venv there?)"],
    [python, pip, "cannot be installed"],
    [python, [join(folder, "prepare.py"), join(half, "home")], "cannot be prepared"],
  ];
  for (const [command, args, why] of steps) {
    const run = spawnSync(command, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024, env: quiet() });
    if (run.status === 0) continue;
    const said = `${run.stdout ?? ""}${run.stderr ?? ""}${run.error?.message ?? ""}`.trim().split("\n");
    console.error(`${name}: ${args.slice(0, 3).join(" ")} failed:\n${said.slice(-8).join("\n")}`);
    rmSync(half, { recursive: true, force: true });
    return why;
  }
  const finished = new RegExp(`^${name}-[0-9a-f]{12}$`);
  for (const old of readdirSync(programs).filter((each) => finished.test(each) && each !== basename(target))) {
    rmSync(join(programs, old), { recursive: true, force: true });
  }
  renameSync(half, target);
  return undefined;
}

/** Compiled files would be written beside the sources, which the next run would then find changed. */
function quiet() {
  return { ...process.env, PYTHONDONTWRITEBYTECODE: "1", PYTHONWARNINGS: "ignore" };
}
