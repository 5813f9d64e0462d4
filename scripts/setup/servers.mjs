import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** The programs of test/servers/programs.json that this machine does not have: `{ name, package, look, tests }`. */
export function missingServers(root) {
  const programs = JSON.parse(readFileSync(join(root, "test", "servers", "programs.json"), "utf8"));
  return Object.entries(programs)
    .map(([name, program]) => ({ name, ...program }))
    .filter((program) => !program.look.some(isThere));
}

/**
 * Installs them with apt-get when we are root on a Debian-like system; no service is started. Returns those that are
 * still missing; never throws for one that cannot be had.
 */
export function installServers(missing) {
  if (missing.length === 0 || process.getuid?.() !== 0 || !isThere("apt-get")) return missing;
  console.log(`installing ${missing.map((server) => server.package).join(", ")} ...`);
  withoutServices(() => {
    apt(["update"]);
    if (!apt(install(missing)) && missing.length > 1) for (const server of missing) apt(install([server]));
  });
  return missing.filter((program) => !program.look.some(isThere));
}

function install(servers) {
  return ["install", "-y", "--no-install-recommends", ...servers.map((server) => server.package)];
}

/** Quiet unless it fails; then apt's last lines are shown. */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const run = spawnSync("apt-get", ["-qq", ...args], { encoding: "utf8", env, maxBuffer: 64 * 1024 * 1024 });
  if (run.status === 0) return true;
  const said = `${run.stdout ?? ""}${run.stderr ?? ""}${run.error?.message ?? ""}`.trim().split("\n");
  console.error(`apt-get ${args.join(" ")} failed:\n${said.slice(-8).join("\n")}`);
  return false;
}

/** Debian starts what it installs unless /usr/sbin/policy-rc.d says 101; ours is taken away again, theirs is kept. */
function withoutServices(work) {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) return work();
  const remove = () => rmSync(policy, { force: true });
  const stop = () => process.exit(130);
  process.once("exit", remove);
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    writeFileSync(policy, "#!/bin/sh\nexit 101\n");
    chmodSync(policy, 0o755);
    return work();
  } finally {
    remove();
    process.removeListener("exit", remove).removeListener("SIGINT", stop).removeListener("SIGTERM", stop);
  }
}

function isThere(program) {
  if (isAbsolute(program)) return executable(program);
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.some((folder) => folder !== "" && executable(join(folder, program)));
}

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
