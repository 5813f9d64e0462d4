import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const pollMs = 200;
const patienceMs = 40 * 60_000;

/**
 * Runs `work` while holding a lock file that carries our process id, so that a lock left by a killed run is recognised
 * and taken over. Waits at most 40 minutes (building the Go programs takes its time) for a living holder, then fails and names the file.
 */
export async function withLock(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  const deadline = Date.now() + patienceMs;
  while (!create(file)) {
    const holder = read(file);
    if (holder !== undefined && !alive(holder)) takeAway(file, holder);
    else if (Date.now() > deadline) throw new Error(`another set-up holds ${file}; remove it if none is running`);
    else await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const release = () => read(file) === process.pid && unlinkSync(file);
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

/** Only one waiter may remove a dead holder's lock: the one that makes the claim file, and only if it still stands. */
function takeAway(file, holder) {
  const claim = `${file}.${holder}`;
  if (!create(claim)) return;
  try {
    if (read(file) === holder) unlinkSync(file);
  } finally {
    unlinkSync(claim);
  }
}

function create(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** The holder's process id; undefined while the file is gone or not yet written. */
function read(file) {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
