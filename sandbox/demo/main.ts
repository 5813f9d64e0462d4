import { spawn } from "node:child_process";
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

if (alone) {
  const [part] = stage.parts;
  if (part === undefined) {
    throw new Error("there is nothing to rotate");
  }
  const result = values.cut ? await runCut(part) : await runAlone(stage, part);
  await stage.close();
  process.stdout.write(`${JSON.stringify(result)}\n`);
  const proved = result.status === "done" && result.refusedLogins === 0 && result.oldRefused && result.newAccepted;
  process.exit(values.cut || proved ? 0 : 1);
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
let closing = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (!closing) {
      closing = true;
      clearInterval(counter);
      void stage.close().then(() => process.exit(0));
    }
  });
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
