/**
 * @module The programs of a small application, as they would stand on a host: the application, and what its operator wrote
 * to reload it, to ask when it started, and to ask for a digest of its value. Each is given the folder of its instance.
 */

/** Reads ../.env at its start; serves / and POST /digest; writes port, pid and log into its folder. */
export const appSource = `
import { createHmac } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
const own = process.argv[2];
const env = Object.fromEntries(readFileSync(own + "/../.env", "utf8").trim().split("\\n").map((line) => line.split("=")));
const started = new Date().toISOString();
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  if (request.method === "POST") response.end(createHmac("sha256", body).update(env.VALUE).digest("hex"));
  else response.end(JSON.stringify({ username: env.USERNAME, started }));
});
server.listen(Number(readFileSync(own + "/port", "utf8")), "127.0.0.1", () => {
  appendFileSync(own + "/log", started + " listening as " + env.USERNAME + "\\n");
  appendFileSync(own + "/starts", started + "\\n");
  writeFileSync(own + "/started", started);
  writeFileSync(own + "/pid", String(process.pid));
});
`;

/** Ends the old process, starts a new one that outlives this command, and waits until it serves. */
export const reloadSource = `
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
const own = process.argv[2];
const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
const pid = () => { try { return Number(readFileSync(own + "/pid", "utf8")) || undefined; } catch { return undefined; } };
const lives = (id) => { try { process.kill(id, 0); return true; } catch { return false; } };
const old = pid();
if (old !== undefined && lives(old)) {
  process.kill(old, "SIGKILL");
  while (lives(old)) await wait();
}
rmSync(own + "/pid", { force: true });
const app = spawn(process.execPath, [import.meta.dirname + "/app", own], { detached: true, stdio: "ignore" });
app.unref();
while (pid() === undefined && app.exitCode === null) await wait();
process.exit(app.exitCode ?? 0);
`;

export const startedSource = `
import { readFileSync } from "node:fs";
console.log(readFileSync(process.argv[2] + "/started", "utf8"));
`;

export const digestSource = `
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
const port = readFileSync(process.argv[2] + "/port", "utf8");
for await (const key of createInterface({ input: process.stdin })) {
  console.log(await (await fetch("http://127.0.0.1:" + port + "/digest", { method: "POST", body: key })).text());
}
`;
