// Gets a fresh clone ready: npm packages always, test servers (from apt-get, built from Go, and with pip) with --servers. Runs on any Node from 18, without
// node_modules, before every npm script; silent and fast when nothing is to do. Two runs at once: the second waits
// and then finds the work done.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGoPrograms, missingGoBuilds } from "./setup/go-build.mjs";
import { withLock } from "./setup/lock.mjs";
import { installPackages, packagesAreCurrent } from "./setup/packages.mjs";
import { installPythonPrograms, missingPythonPrograms } from "./setup/pip-install.mjs";
import { installServers, missingServers } from "./setup/servers.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, ".cache", "setup.lock");

if (!packagesAreCurrent(root)) {
  await withLock(lockFile, () => {
    if (!packagesAreCurrent(root)) installPackages(root);
  });
}
const missing = () => [...missingServers(root), ...missingGoBuilds(root), ...missingPythonPrograms(root)];
if (process.argv.includes("--servers") && missing().length > 0) {
  await withLock(lockFile, () => {
    for (const server of installServers(missingServers(root))) {
      console.log(
        `${server.name} is missing (apt-get install ${server.package}): tests of ${server.tests} are skipped`,
      );
    }
    for (const build of buildGoPrograms(root, missingGoBuilds(root))) {
      const names = Object.keys(build.programs).join(", ");
      console.log(`${names} missing (${build.why}): tests of ${build.tests} are skipped`);
    }
    for (const { name, why, tests } of installPythonPrograms(root, missingPythonPrograms(root))) {
      console.log(`${name} missing (${why}): tests of ${tests} are skipped`);
    }
  });
}
