/**
 * The whole crash matrix: `npm run crash [-- --per-rotation 1] [--lanes 2] [--only "redis-acl two users"] [--hurry]`.
 * Kills a worker before and after every command on the wire, every append, every publish and every reload of each cell, and
 * writes docs/crash-matrix.md. `--per-rotation`: kills in one rotation (default 8; 1 takes hours). `--spread`: each point in one
 * of the cells in which it occurs, as `npm test` does it; some minutes instead of an hour.
 */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  applicationCells,
  type CellResult,
  cells,
  inLanes,
  keyCells,
  kubernetesCells,
  name,
  type Recorded,
  record,
  runCell,
  spread,
} from "./cells.ts";
import { hasCluster } from "./kubernetes-target.ts";
import type { Mode } from "./lane.ts";

const { values } = parseArgs({
  options: {
    "per-rotation": { type: "string", default: "8" },
    lanes: { type: "string", default: "2" },
    only: { type: "string", default: "" },
    hurry: { type: "boolean", default: false },
    spread: { type: "boolean", default: false },
  },
});
const perRotation = Number(values["per-rotation"]);
const startedMs = performance.now();
const file = fileURLToPath(new URL("../../docs/crash-matrix.md", import.meta.url));

const every = [...cells, ...keyCells, ...applicationCells, ...(hasCluster() ? kubernetesCells : [])];
const wanted = every.filter((cell) => cell.direction === "forward" && name(cell).includes(values.only));
const known = new Map<Mode, Recorded>();
if (values.spread) {
  const once = wanted.filter(({ mode }, index) => wanted.findIndex((each) => each.mode === mode) === index);
  await inLanes(once, Number(values.lanes), async (lane) => known.set(lane.mode, await record(lane)));
}
const given = values.spread ? spread(known, every) : undefined;
const mine = every.filter(({ mode, queue }) => wanted.some((cell) => cell.mode === mode && cell.queue === queue));
const results: CellResult[] = [];
await inLanes(wanted, Number(values.lanes), async (lane) => {
  const recorded = known.get(lane.mode) ?? (await record(lane));
  for (const cell of mine.filter(({ mode, queue }) => mode === lane.mode && queue === lane.queue)) {
    const points = given === undefined ? recorded[cell.direction].points : (given.get(cell) ?? []);
    const result = await runCell(lane, recorded, { cell, points, perRotation, hurry: values.hurry });
    process.stdout.write(`${row(result)}\n`);
    for (const problem of result.problems) process.stdout.write(`  ${problem}\n`);
    results.push(result);
    if (values.only === "") await writeFile(file, document());
  }
});

const found = problems();
process.stdout.write(`${results.length} cells, ${found.length} problems, ${minutes()} min\n`);
process.exit(found.length === 0 ? 0 : 1);

function problems(): readonly string[] {
  return results.flatMap((result) => result.problems);
}

function document(): string {
  const kills = results.reduce((sum, result) => sum + result.kills.length, 0);
  const slowest = Math.max(...results.map((result) => result.slowestResumeMs));
  return `# Crash matrix

Written by \`npm run crash${values.spread ? " -- --spread" : ""}\`. ${values.spread ? "Each point was tried in one of the cells in which it occurs. " : ""}A worker process is ended with SIGKILL immediately before and immediately after each point of an
undisturbed rotation: every command on the wire to the issuer (reads too), every append to the journal, every publish, every
restart of a consumer. Another worker then goes on. After each rotation these are compared with the undisturbed one: its end,
the steps done and their order, effects and their outcomes, gaps in the journal, who can log in at the issuer, how many
passwords it holds, the bytes under our key and the rest of the file, restarts of the consumers, logins refused.

On Kubernetes the commands on the wire are the requests to the API server, of which a restart is one; what is compared is the Secret or
ConfigMap that the pods read, with its labels and annotations, how many such objects there are, how many of them the rotation made, and
how many templates the Deployment or StatefulSet has had. There no kill may cost a roll-out more, because the annotation that starts one
bears the rotation and the publish; and no version of a Secret may be left over.${hasCluster() ? "" : " This machine has no cluster: those cells are left out."}

${kills} kills, ${perRotation === 1 ? "one" : `up to ${perRotation}`} in a rotation, in ${results.length === mine.length ? `all ${mine.length} cells` : `${results.length} of ${mine.length} cells, the others not run yet`}; ${problems().length} problems. Slowest resume: ${slowest} ms from the kill to the next worker's first
append, with a lease of 2.5 s and a sweep every 0.5 s. ${minutes()} min on ${cpus().length} cores.

Where services know one key, the commands on the wire are the requests by which Keyturn asks each instance, and at every other point what
any instance makes is tried at every other: with accept-first none may refuse it. With one key and no second, every refusal must lie
between the first restart of a roll-out and its last; of a signing key tokens that were made before are refused as long as they live.

Where a person brings a key from a portal and revokes the old one there, they do so once, whenever they are asked, and the portal must know
what is published and what every instance runs on at each point. What was handed in must be in no table, no file and nothing that a worker says.

Where an application's account is rotated, the commands on the wire are the requests to whoever keeps the account, its administration API
among them, which may be asked to set a password once more for each kill. A session that was opened with the old password must be dead,
and the one that is shown to prove it must be the one that was opened before the change.

A point is missed when it did not come up again: a poll more or less. "Refused" in a single cell is the cut that its plan
announces; in all others it must be 0. "Extra restarts" may be one of one instance per kill; on Kubernetes it must be 0.

| cell | points | killed | missed | rotations ended | refused logins | extra restarts | slowest resume | seconds |
|---|---|---|---|---|---|---|---|---|
${results
  .toSorted((a, b) => name(a.cell).localeCompare(name(b.cell)))
  .map((result) => row(result))
  .join("\n")}
${
  problems().length === 0
    ? ""
    : `\n## Problems\n\n${problems()
        .map((problem) => `- ${problem.split("\n")[0] ?? ""}`)
        .join("\n")}\n`
}`;
}

function row(result: CellResult): string {
  const { cell, points, kills, missed, ended, rotations, refused, extraRestarts, slowestResumeMs, seconds } = result;
  const cut = /single$|all-out$/.test(cell.mode) ? `${refused} (the cut)` : `${refused}`;
  return `| ${[name(cell), points, kills.length, missed.length, `${ended} of ${rotations}`, cut, extraRestarts, `${slowestResumeMs} ms`, seconds].join(" | ")} |`;
}

function minutes(): number {
  return Math.round((performance.now() - startedMs) / 60_000);
}
