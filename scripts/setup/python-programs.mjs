import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { programsFolder } from "./go-programs.mjs";

/**
 * The programs of test/servers/python-programs.json: `{ name, folder, tests, target }`. `folder` holds requirements.txt and the
 * scripts around it; `target` is the finished environment, named after a hash of them. Undefined where the folder is not there.
 */
export function pythonPrograms(root) {
  const list = join(root, "test", "servers", "python-programs.json");
  const programs = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : {};
  return Object.entries(programs).map(([name, program]) => {
    const folder = join(root, program.folder);
    const target = existsSync(join(folder, "requirements.txt"))
      ? join(programsFolder(root), `${name}-${sourceHash(folder)}`)
      : undefined;
    return { name, folder, tests: program.tests, target };
  });
}

/** Where a finished program is: `python` runs its scripts, `home` is what was prepared. Undefined: it is still to be installed. */
export function findPythonProgram(root, name) {
  const program = pythonPrograms(root).find((candidate) => candidate.name === name);
  if (program?.target === undefined || !existsSync(program.target)) return undefined;
  return { folder: program.folder, python: join(program.target, "bin", "python"), home: join(program.target, "home") };
}

function sourceHash(folder) {
  const hash = createHash("sha256");
  for (const file of readdirSync(folder)
    .filter((name) => /\.(?:txt|py)$/.test(name))
    .sort()) {
    const text = readFileSync(join(folder, file));
    hash.update(`${file} ${text.length}\n`).update(text);
  }
  return hash.digest("hex").slice(0, 12);
}
