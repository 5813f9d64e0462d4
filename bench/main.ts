import { cpus } from "node:os";
import { catalogSize } from "./catalog-size.ts";
import { click } from "./click.ts";
import { engineTime } from "./engine-time.ts";
import { kubernetesRequests } from "./kubernetes.ts";
import { refusedLogins } from "./refused-logins.ts";
import { resume } from "./resume.ts";
import { slackCalls } from "./slack-calls.ts";
import { type Row, renderTable } from "./table.ts";
import { thousandDue } from "./thousand-due.ts";

/** Every measurement by the name under which it can be asked for alone: `npm run bench -- engine catalog`. */
const measurements: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  engine: engineTime,
  due: thousandDue,
  resume,
  catalog: catalogSize,
  refused: refusedLogins,
  slack: slackCalls,
  click,
  kubernetes: kubernetesRequests,
};

/** Those that only count, so that they may run side by side without spoiling each other's numbers. */
const counting: ReadonlySet<string> = new Set(["refused", "slack"]);

const failed = "could not be measured";
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => measurements[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`there is no ${unknown.join(", ")}: ${Object.keys(measurements).join(", ")}\n`);
  process.exit(2);
}
const chosen = Object.entries(measurements).filter(([name]) => asked.length === 0 || asked.includes(name));
const began = performance.now();
const rows: Row[] = [];
for (const [name, measure] of chosen.filter(([each]) => !counting.has(each)))
  rows.push(...(await measured(name, measure)));
const together = chosen.filter(([each]) => counting.has(each)).map(([name, measure]) => measured(name, measure));
rows.push(...(await Promise.all(together)).flat());
process.stdout.write(
  `\n${renderTable(rows)}\n\n${String(cpus().length)} cores, Node ${process.versions.node}, ${((performance.now() - began) / 1_000).toFixed(0)} s in all.\n`,
);
process.exit(rows.some(({ measured: text }) => text === failed) ? 1 : 0);

/** A measurement that breaks is a row that says so; the others go on. A promise that is not kept is a number, not a failure. */
async function measured(name: string, measure: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
  const startedMs = performance.now();
  try {
    return await measure();
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return [{ what: name, measured: failed, floor: "" }];
  } finally {
    process.stderr.write(`${name}: ${((performance.now() - startedMs) / 1_000).toFixed(0)} s\n`);
  }
}
