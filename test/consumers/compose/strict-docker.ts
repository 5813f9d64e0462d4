/**
 * @module A program that stands in for `docker` where there is no engine. It knows the command lines that Docker's reference
 * documents for what the consumer does, keeps containers in a file, and ends with 64 for every other command line, so that
 * a call that was not meant fails the test. As the real one does, `up --force-recreate` reads the .env file beside the
 * compose file, lets its own environment win over it, and names containers by project, service and number.
 */
export const strictDockerSource = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
const state = import.meta.dirname + "/../containers.json";
const words = process.argv.slice(2);
appendFileSync(import.meta.dirname + "/../calls", words.join(" ") + "\\n");
const load = () => (existsSync(state) ? JSON.parse(readFileSync(state, "utf8")) : []);
const fail = (code, text) => { console.error(text); process.exit(code); };
const is = (...wanted) => words.length === wanted.length && wanted.every((word, i) => word === undefined || word === words[i]);
const any = undefined;
const stamp = () => new Date().toISOString().replace("Z", "000000Z");
if (is("compose", "-f", any, "-p", any, "up", "-d", "--no-deps", "--force-recreate", any)) {
  const [, , file, , project, , , , , service] = words;
  const text = readFileSync(dirname(file) + "/.env", "utf8").trim();
  const env = Object.fromEntries(text.split("\\n").map((line) => line.split("=")));
  const value = process.env.VALUE ?? env.VALUE;
  const make = (number) => ({
    Name: project + "-" + service + "-" + number, State: "running", Health: "healthy", env: ["PATH=/bin", "APP_VALUE=" + value, "APP_PREVIOUS=" + (env.PREVIOUS ?? "")],
    ip: "172.20.0." + (number + 1), log: [stamp() + " listening as " + env.USERNAME],
    starts: (load().find((one) => one.Name.endsWith("-" + number))?.starts ?? 0) + 1,
  });
  writeFileSync(state, JSON.stringify([make(1), make(2)]));
} else if (is("compose", "-f", any, "-p", any, "ps", "--all", "--format", "json", any)) {
  const rows = load().map(({ Name, State, Health }) => ({ Name, State, Health, Service: words.at(-1) }));
  const old = existsSync(import.meta.dirname + "/../old-version");
  console.log(old ? JSON.stringify(rows) : rows.map((row) => JSON.stringify(row)).join("\\n"));
} else if (is("inspect", "--type", "container", "--format", any, any)) {
  if (words[4] !== '{"env":{{json .Config.Env}},"restarts":{{json .RestartCount}},"networks":{{json .NetworkSettings.Networks}}}') fail(64, "unknown format");
  const found = load().find(({ Name }) => Name === words[5]);
  if (found === undefined) fail(1, "Error response from daemon: No such container: " + words[5]);
  const networks = { default: { IPAddress: found.ip, GlobalIPv6Address: "" } };
  console.log(JSON.stringify({ env: found.env, restarts: found.restarts ?? 0, networks }));
} else if (is("logs", "--timestamps", "--since", any, any)) {
  const found = load().find(({ Name }) => Name === words[4]);
  if (found === undefined) fail(1, "Error response from daemon: No such container: " + words[4]);
  for (const line of found.log) if (Date.parse(line.slice(0, 23) + "Z") >= Date.parse(words[3])) console.log(line);
} else {
  fail(64, "unknown command line");
}
`;
