import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runAlone, runCut } from "./auto.ts";
import { type Part, partNames } from "./part.ts";
import { openStage } from "./stage.ts";

const { values } = parseArgs({
  options: {
    auto: { type: "boolean", default: false },
    cut: { type: "boolean", default: false },
    target: { type: "string" },
    port: { type: "string" },
  },
});
const wanted = partNames.find((name) => name === values.target);
if (wanted === undefined && values.target !== undefined) {
  process.stderr.write(`there is no target "${values.target}": ${partNames.join(", ")}\n`);
  process.exit(2);
}
const alone = values.auto || values.cut;
const only = wanted ?? (alone ? "postgres" : undefined);
process.stderr.write("starting the shop, its servers, a Slack workspace on this machine, and the bot ...\n");
const stage = await openStage(only, values.port === undefined ? undefined : Number(values.port));
let closing = false;
stage.bot.ended.then(
  (code) => end(1, `the bot has ended (${String(code)}); the end of its log:\n${lastLines(stage.logFile)}`),
  () => undefined,
);

if (alone) {
  await runUnattended().catch((error: unknown) => end(1, error instanceof Error ? error.message : "it failed"));
}

process.stdout.write(`
Open  ${stage.workspace.pageUrl}

  1. You are Olivia, on call. In #platform-support type:   /rotate ${names(stage.parts.slice(0, 1))}
  2. "Act as" Ada (security), open #security-ops, press Approve. Then the same as Lin (on-call).
  3. Go back to #platform-support and watch the thread. The whole rotation takes about half a minute.

  Targets: ${names(stage.parts)}.  The bot's log: ${stage.logFile}
  Ctrl-C ends everything and leaves nothing behind.
`);
openInBrowser(stage.workspace.pageUrl);
const counter = setInterval(() => void showCounts(), 10_000);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    clearInterval(counter);
    void end(0);
  });
}

async function runUnattended(): Promise<void> {
  const [part] = stage.parts;
  if (part === undefined) {
    throw new Error("there is nothing to rotate");
  }
  const result = values.cut ? await runCut(part) : await runAlone(stage, part);
  const proved = result.status === "done" && result.refusedLogins === 0 && result.oldRefused && result.newAccepted;
  await end(values.cut || proved ? 0 : 1, undefined, JSON.stringify(result));
}

/** Ends all that was started, says why, and this process; the first to ask for it has its way. */
async function end(code: number, problem?: string, result?: string): Promise<void> {
  if (closing) {
    return;
  }
  closing = true;
  if (problem !== undefined) process.stderr.write(`${problem}\n`);
  await stage.close();
  if (result !== undefined) process.stdout.write(`${result}\n`);
  process.exit(code);
}

function lastLines(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-10).join("\n");
}

async function showCounts(): Promise<void> {
  for (const { name, totals } of stage.parts) {
    const { logins, refused } = await totals();
    process.stdout.write(`${name}: ${String(logins)} logins, ${String(refused)} refused\n`);
  }
}

function names(parts: readonly Part[]): string {
  return parts.map(({ secret, environment }) => `${secret} ${environment}`).join(", ");
}

/** Best effort: where there is no desktop, the address stands above. */
function openInBrowser(url: string): void {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const child = spawn(program, [url], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}
