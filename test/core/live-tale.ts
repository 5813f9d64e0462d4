import { type Answers, compose } from "../../src/core/algebra.ts";
import { composeBlind } from "../../src/core/blind.ts";
import { neededOnTheWayBack } from "../../src/core/decide.ts";
import type { Event } from "../../src/core/events.ts";
import { leftoversOf, liveNow } from "../../src/core/live.ts";
import type { Plan, Step } from "../../src/core/plan.ts";
import type { Rotation } from "../../src/core/rotation.ts";
import { approved, begun, done, planOf, rotationOf } from "./samples.ts";

export const turnedBack: Event = {
  type: "turned_back",
  by: { kind: "slack", id: "U-ada" },
  reason: { code: "asked", sentence: "asked" },
};

/** The plan of one row of the algebra; `blind`: nobody knows what is in use. */
export function rowOf(change: Partial<Answers>, blind = false): Plan {
  const plan = planOf();
  const { present = "works", ...rest } = change;
  const rotator = { ...plan.rotator, ...rest };
  const { current, ...others } = plan;
  return {
    ...others,
    rotator,
    present: blind ? "unknown" : present,
    ...(present === "none" || blind || current === undefined ? {} : { current }),
    publishes: plan.publishes.map((each) => (blind ? { ...each, readable: false as const } : each)),
    ...(blind ? composeBlind({ ...rotator, present }) : compose({ ...rotator, present })),
  };
}

/** Everything up to this step, which is begun or done. */
export function until(plan: Plan, id: string, how: "begun" | "done" = "done"): readonly Event[] {
  const index = plan.steps.findIndex((step) => step.id === id);
  const before = plan.steps.slice(0, index).flatMap((step) => eventsOf(plan, step, "done"));
  return [approved, ...before, ...plan.steps.slice(index, index + 1).flatMap((step) => eventsOf(plan, step, how))];
}

/** What is said while each step is under way and when it is done, and what is left when it is abandoned there; changes only. */
export function tale(plan: Plan): string {
  const moments = plan.steps.flatMap(({ id }): Moment[] => [
    [`${id}..`, rotationOf(until(plan, id, "begun"), plan)],
    [id, rotationOf(until(plan, id), plan)],
  ]);
  return told([["approved", rotationOf([approved], plan)], ...moments]);
}

/** The same of the way back, from the moment when that step was begun or done. */
export function taleBack(plan: Plan, from: string, how: "begun" | "done" = "done"): string {
  const events = [...until(plan, from, how), turnedBack];
  const moments: Moment[] = [[`back from ${from}`, rotationOf(events, plan)]];
  for (const step of plan.back) {
    if (!neededOnTheWayBack(rotationOf(events, plan), step)) continue;
    moments.push([`${step.id}..`, rotationOf([...events, ...begun(step.id)], plan)]);
    events.push(...done(step.id));
    moments.push([step.id, rotationOf(events, plan)]);
  }
  return told(moments);
}

type Moment = readonly [name: string, rotation: Rotation];

function told(moments: readonly Moment[]): string {
  let last = "";
  const lines = moments.flatMap(([name, rotation]) => {
    const said = say(rotation);
    const isNew = said !== last;
    last = said;
    return isNew ? [`${name}: ${said}`] : [];
  });
  return lines.join("\n");
}

/** Shortened: "old" and "new" for the names, and what is left behind a bar. */
export function say(rotation: Rotation): string {
  const left = leftoversOf(rotation, "closed").map(({ sentence }) => short(sentence));
  return `${short(liveNow(rotation))} | ${left.join("; ")}`;
}

function short(sentence: string): string {
  return sentence
    .replace("the old credential (app_a)", "old")
    .replace(/the new (one|credential) \(app_b\)/, "new")
    .replace(/the new (one|credential) \(unnamed\)/, "new?")
    .replace("the old credential is not known; it", "old?")
    .replace("the old credential, which is not known to Keyturn,", "old?")
    .replace("there is no old credential", "no old");
}

function eventsOf(plan: Plan, { id, kind }: Step, how: "begun" | "done"): readonly Event[] {
  const { origin, overlap } = plan.rotator;
  const ref = { principal: "app_b", generation: "two" };
  const proposed: Event = { type: "proposed", ref, public: {} };
  const issued: Event = { type: "issued", ref, public: {} };
  const isFirst = kind === (overlap === "single" ? "publish" : "issue");
  const isKept = origin === "handed-in" ? kind === "collect" && how === "done" : origin === "proposed" && isFirst;
  // Waiting for a person is no effect.
  const starts = kind === "collect" ? begun(id).slice(0, 1) : begun(id);
  const ends = [...done(id).slice(2, 3), ...(kind === "issue" ? [issued] : []), ...done(id).slice(3)];
  return [...starts, ...(isKept ? [proposed] : []), ...(how === "begun" ? [] : ends)];
}
