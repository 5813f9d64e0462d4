import type { Step } from "../core/plan.ts";
import type { Rotation } from "../core/rotation.ts";
import { type Line, say } from "./parts.ts";

/**
 * A finished step as one line. What belongs together is said together: issue with the test that follows it, the watch with
 * what ended it. Undefined for steps that only looked and changed nothing people wait for.
 */
export function stepLine(id: string, rotation: Rotation, sentence: string): readonly Line[] | undefined {
  const all = [...rotation.plan.steps, ...rotation.plan.back];
  const way = all.filter((step) => !silent(step, rotation));
  const index = way.findIndex((step) => step.id === id);
  const step = way[index];
  if (step === undefined) {
    return all.some((known) => known.id === id) ? undefined : [say(sentence)];
  }
  const earlier = joinedWith(step, way[index - 1]);
  const before = earlier === undefined ? undefined : rotation.steps[earlier.id]?.sentence;
  if (joinedWith(way[index + 1], step) !== undefined) {
    return undefined;
  }
  return [before === undefined ? say(sentence) : [...say(before), { text: ", " }, ...say(sentence)]];
}

/** The earlier of two neighbours when they make one line. */
function joinedWith(step: Step | undefined, earlier: Step | undefined): Step | undefined {
  const pair = `${earlier?.kind ?? ""} ${step?.kind ?? ""}`;
  return pair === "issue test" || pair === "watch revoke" ? earlier : undefined;
}

function silent({ kind }: Step, { plan }: Rotation): boolean {
  const noCache = kind === "soak" && (plan.rotator.soakMs ?? 0) === 0;
  return noCache || kind === "announce" || kind === "preflight" || kind === "recheck" || kind === "grace";
}
