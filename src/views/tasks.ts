import type { PlanBlock, RichTextBlock, RichTextElement, TaskCardBlock } from "@slack/types";
import { neededOnTheWayBack } from "../core/decide.ts";
import type { Step } from "../core/plan.ts";
import type { Rotation, StepState } from "../core/rotation.ts";
import { cut, filled, limits } from "./limits.ts";
import { type Line, richElements, say, utc } from "./parts.ts";

/** One step as it stands. `title` says what it waits for; Slack knows no status for that. */
export type Task = {
  readonly id: string;
  readonly title: string;
  readonly status: TaskCardBlock["status"];
  readonly said: Line | undefined;
};

/** The steps of a rotation as tasks: forward ones, and those of the way back once it was taken. */
function tasksOf(rotation: Rotation): readonly Task[] {
  const { plan, direction, steps } = rotation;
  const forward = direction === "forward" ? plan.steps : plan.steps.filter(({ id }) => steps[id] !== undefined);
  const back =
    direction === "back"
      ? plan.back.filter((step) => steps[step.id] !== undefined || neededOnTheWayBack(rotation, step))
      : [];
  return [
    ...forward.map((step) => task(rotation, step, direction === "back")),
    ...back.map((step) => task(rotation, step, false)),
  ];
}

/** The tasks as Slack's `plan` block. */
export function planBlock(rotation: Rotation): PlanBlock {
  return {
    type: "plan",
    title: filled(planTitle(rotation), longestTitle),
    tasks: shortened(tasksOf(rotation)).map(({ id, title, status, output }) => ({
      type: "task_card" as const,
      task_id: id,
      title,
      status,
      ...(output.length === 0
        ? {}
        : {
            output: {
              type: "rich_text" as const,
              elements: [{ type: "rich_text_section" as const, elements: [...output] }],
            },
          }),
    })),
  };
}

/** The same for a workspace that refuses task cards: a line with a sign for each. */
export function taskList(rotation: Rotation): RichTextBlock {
  const lines = shortened(tasksOf(rotation)).flatMap(({ title, status, output }): RichTextElement[] => [
    { type: "text", text: `\n${glyphs[status]} ${title}` },
    ...(output.length === 0 ? [] : [{ type: "text" as const, text: ": " }, ...output]),
  ]);
  return {
    type: "rich_text",
    elements: [
      {
        type: "rich_text_section",
        elements: [{ type: "text", text: filled(planTitle(rotation), longestTitle), style: { bold: true } }, ...lines],
      },
    ],
  };
}

/** One line per step, for `text` and for clients without task cards. */
export function taskLines(rotation: Rotation): readonly Line[] {
  return tasksOf(rotation).map(({ status, title, said }) => [
    { text: `${glyphs[status]} ${cut(title, 120)}` },
    ...(said === undefined ? [] : [{ text: ": " }, ...said]),
  ]);
}

const glyphs: Record<TaskCardBlock["status"], string> = { pending: "·", in_progress: "▸", complete: "✓", error: "✗" };

/** "step 5 of 14", "going back, step 2 of 6". */
export function planTitle(rotation: Rotation): string {
  const { plan, direction, steps, ended } = rotation;
  if (ended !== undefined) {
    return endWords[ended.status];
  }
  const way =
    direction === "forward"
      ? plan.steps
      : plan.back.filter((step) => steps[step.id] !== undefined || neededOnTheWayBack(rotation, step));
  const done = way.filter(({ id }) => steps[id]?.status === "done").length;
  const count = `step ${String(Math.min(done + 1, way.length))} of ${String(way.length)}`;
  return direction === "back" ? `Going back, ${count}` : `S${count.slice(1)}`;
}

export const endWords: Record<NonNullable<Rotation["ended"]>["status"], string> = {
  done: "Done",
  rolled_back: "Rolled back",
  cancelled: "Not carried out",
  closed: "Closed with leftovers",
};

/** All tasks together stay inside what a message may hold: the more there are, the less each says. */
function shortened(tasks: readonly Task[]) {
  const shown = tasks.slice(0, mostTasks);
  const each = Math.floor((charsForTasks - limits.blockChars * shown.length) / Math.max(shown.length, 1));
  return shown.map(({ id, title, status, said }) => ({
    id,
    title: filled(title, longestTitle),
    status,
    output: said === undefined ? [] : richElements(said, Math.max(30, Math.min(500, each - longestTitle))),
  }));
}

const longestTitle = 90;
const mostTasks = 32;
const charsForTasks = 7_000;

function task(rotation: Rotation, step: Step, over: boolean): Task {
  const state = rotation.steps[step.id];
  const blocked = rotation.block?.step === step.id;
  const status =
    blocked || state?.status === "failed"
      ? "error"
      : state === undefined
        ? "pending"
        : state.status === "done"
          ? "complete"
          : over
            ? "error"
            : "in_progress";
  const waiting = status === "in_progress" ? waitingFor(rotation, step, state) : undefined;
  const mark = blocked ? " (blocked)" : waiting === undefined ? "" : ` (${waiting})`;
  return { id: step.id, title: `${step.title}${mark}`, status, said: saidOf(rotation, step, state) };
}

function waitingFor(rotation: Rotation, step: Step, state: StepState | undefined): string | undefined {
  if (rotation.hold !== undefined && rotation.direction === "forward") {
    return "held";
  }
  if (step.kind === "grace" && rotation.graceUntil !== undefined && !rotation.skipped.includes("grace")) {
    return `until ${utc(rotation.graceUntil)}`;
  }
  const gates = state?.notes["gates"];
  return gates !== undefined && gates.key !== "open"
    ? "waiting"
    : state?.notes["lock"] !== undefined && state.attempt === 0
      ? "waiting in line"
      : undefined;
}

function saidOf(rotation: Rotation, step: Step, state: StepState | undefined): Line | undefined {
  if (rotation.block?.step === step.id) {
    return say(rotation.block.reason.sentence);
  }
  if (state?.reason !== undefined && state.status === "failed") {
    return say(state.reason.sentence);
  }
  if (state?.status === "done") {
    return state.sentence === undefined ? undefined : say(state.sentence);
  }
  const newest = Object.values(state?.notes ?? {}).toSorted((a, b) => b.seq - a.seq)[0];
  return newest === undefined || newest.sentence === "" ? undefined : say(newest.sentence);
}
