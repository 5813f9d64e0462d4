import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Whether node_modules holds what package-lock.json says. The lock's hash stands in a stamp file inside node_modules;
 * when it differs (`npm install` by hand), npm's own record of what it installed is compared instead.
 */
export function packagesAreCurrent(root) {
  if (!existsSync(join(root, "node_modules", ".bin", "node"))) return false;
  const hash = lockHash(root);
  if (existsSync(stampFile(root)) && readFileSync(stampFile(root), "utf8") === hash) return true;
  if (!installedAsLocked(root)) return false;
  writeFileSync(stampFile(root), hash);
  return true;
}

/** Runs `npm ci`; prints npm's words only when it fails, and then ends the process with code 1. */
export function installPackages(root) {
  console.log("installing npm packages ...");
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = spawnSync("npm", args, { cwd: root, encoding: "utf8", shell: process.platform === "win32" });
  if (npm.status !== 0 || !existsSync(join(root, "node_modules", ".bin", "node"))) {
    const said = `${npm.stdout ?? ""}${npm.stderr ?? ""}${npm.error?.message ?? ""}`.trim().split("\n");
    console.error(said.slice(0, 30).join("\n"));
    console.error(
      npm.status === 0
        ? "npm ci left no node_modules/.bin/node; hint: the package `node` needs its install script (no --ignore-scripts)"
        : "npm ci failed",
    );
    process.exit(1);
  }
  writeFileSync(stampFile(root), lockHash(root));
}

function stampFile(root) {
  return join(root, "node_modules", ".keyturn-setup");
}

function lockHash(root) {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

function installedAsLocked(root) {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return (
    Object.keys(installed).every((path) => path in locked) &&
    Object.entries(locked).every(([path, entry]) => {
      if (path === "") return true;
      const found = installed[path];
      return found === undefined ? entry.optional === true || entry.devOptional === true : same(found, entry);
    })
  );
}

function same(installed, locked) {
  return installed.version === locked.version && installed.integrity === locked.integrity;
}
