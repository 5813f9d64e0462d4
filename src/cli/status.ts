import { headlineOf } from "../core/headline.ts";
import { liveNow } from "../core/live.ts";
import type { Rotation } from "../core/rotation.ts";
import { elapsedMs } from "../core/time.ts";
import { findRotation } from "./find-rotation.ts";
import { withState } from "./joined.ts";
import { line } from "./output.ts";
import { readWords } from "./words.ts";

/** `keyturn status [ID] [--json]`: open rotations, or everything about one. 1: there is no such rotation. */
export async function status(args: readonly string[]): Promise<number> {
  const { words, flags } = readWords(args, { usage: "status [ID] [--json]", words: [0, 1], flags: ["--json"] });
  const [id] = words;
  const json = flags.has("--json");
  return withState(async (state) => {
    if (id === undefined) {
      const open = await state.list({ open: true });
      if (json) {
        line(JSON.stringify(open));
      } else if (open.length === 0) {
        line("no rotation is open");
      } else {
        open.forEach((each) =>
          line(`${each.id}  ${`${each.secret} ${each.environment}`.padEnd(24)} ${each.status.padEnd(8)} ${each.line}`),
        );
      }
      return 0;
    }
    const rotation = await findRotation(state, id);
    if (json) {
      line(JSON.stringify(summary(rotation)));
    } else {
      show(rotation, await state.now());
    }
    return 0;
  });
}

function show(rotation: Rotation, now: string): void {
  const { status: state, line: words } = headlineOf(rotation);
  const { plan, id, by, block, hold, turnedBack, ended } = rotation;
  line(`${plan.secret} ${plan.environment}  ${id}  ${(ended?.status ?? state).toUpperCase()}: ${words}`);
  line(`plan ${rotation.digest.slice(0, 12)}, ${plan.cause}, requested by ${by.id} at ${rotation.openedAt}`);
  if (turnedBack !== undefined) {
    line(`goes back since ${turnedBack.at}: ${turnedBack.reason.sentence}`);
  }
  if (hold !== undefined) {
    line(`held by ${hold.by.id} until ${hold.until}`);
  }
  if (rotation.graceUntil !== undefined && ended === undefined) {
    line(`grace until ${rotation.graceUntil}`);
  }
  line("");
  for (const { id: step, title, status: is, ms, sentence, note } of stepsOf(rotation, now)) {
    line(`  ${marks[is]} ${step.padEnd(15)} ${sentence ?? title}${ms === undefined ? "" : ` (${duration(ms)})`}`);
    if (note !== undefined) {
      line(`    ${"".padEnd(15)} ${note}`);
    }
  }
  line("");
  line(`${ended === undefined ? "live now" : "live when it ended"}: ${liveNow(rotation)}`);
  ended?.leftovers.forEach(({ sentence }) => line(`left over: ${sentence}`));
  if (block !== undefined) {
    line(`BLOCKED since ${block.at} at ${block.step}: ${block.reason.sentence} (${block.reason.code})`);
    if (block.reason.hint !== undefined) {
      line(`  ${block.reason.hint}`);
    }
  }
  if (ended === undefined) {
    line(`what you can do here: keyturn hold ${id} · keyturn rollback ${id}; everything else is done in the thread`);
  }
}

const marks = { pending: "      ", started: "now   ", done: "done  ", failed: "FAILED" } as const;

/** The rotation as one JSON object, for scripts. No secrets: the journal holds none. */
function summary(rotation: Rotation) {
  return {
    id: rotation.id,
    target: `${rotation.plan.secret} ${rotation.plan.environment}`,
    status: rotation.ended?.status ?? headlineOf(rotation).status,
    sentence: headlineOf(rotation).line,
    live: liveNow(rotation),
    blocked: rotation.block?.reason ?? null,
    steps: stepsOf(rotation).map(({ id, status: step, ms }) => ({ id, status: step, ms: ms ?? 0 })),
    proof: rotation.steps["prove"]?.sentence ?? "",
    leftovers: rotation.ended?.leftovers ?? [],
  };
}

function stepsOf(rotation: Rotation, now?: string) {
  const all = [...rotation.plan.steps, ...(rotation.direction === "back" ? rotation.plan.back : [])];
  return all.map(({ id, title }) => {
    const state = rotation.steps[id];
    const end = state?.doneAt ?? (rotation.phase === "ended" || state?.status !== "started" ? undefined : now);
    const ms = state === undefined || end === undefined ? undefined : elapsedMs(state.startedAt, end);
    const reason = state?.status === "failed" ? state.reason?.sentence : undefined;
    const notes = state?.status === "started" ? Object.values(state.notes) : [];
    return {
      id,
      title,
      status: state?.status ?? ("pending" as const),
      ms,
      sentence: state?.sentence,
      note: reason ?? notes.at(-1)?.sentence,
    };
  });
}

function duration(ms: number): string {
  return ms < 1_000
    ? `${String(ms)} ms`
    : ms < 120_000
      ? `${(ms / 1_000).toFixed(1)} s`
      : `${String(Math.round(ms / 60_000))} min`;
}
