import type { Plan } from "../core/plan.ts";
import type { Finding } from "../core/ports.ts";
import { few } from "./limits.ts";
import { bold, code, type Line, say } from "./parts.ts";

const mostFindings = 12;

/** What preflight found, worst first; the command that mends something stands beside it. */
export function findingLines(findings: readonly Finding[]): readonly Line[] {
  const order = ["error", "warning", "info"];
  const sorted = findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return few(sorted.map(findingLine), mostFindings, (left) => [{ text: `and ${String(left)} more` }]);
}

/** What is known about the current credential, and what was red before anything was done: approval accepts it by name. */
export function presentLines(plan: Pick<Plan, "present" | "red" | "rotator">): readonly Line[] {
  const red: readonly Line[] =
    plan.red.length === 0
      ? []
      : [[bold("red before we began, accepted by whoever approves: "), { text: plan.red.join(", ") }]];
  return [[{ text: presentWords[plan.present] }], ...red];
}

const presentWords: Record<Plan["present"], string> = {
  works: "preflight (reads only): the current credential works",
  none: "preflight (reads only): there is no credential yet; nothing will be retired",
  broken: "preflight (reads only): the current credential is refused; a failure will hold instead of going back",
  unknown: "preflight (reads only): it cannot be told whether the current credential works",
};

function findingLine({ severity, sentence, hint, command }: Finding): Line {
  return [
    ...(severity === "error" ? [bold("cannot go on: ")] : severity === "warning" ? [bold("note: ")] : []),
    ...say(sentence),
    ...(hint === undefined ? [] : [{ text: "; " }, ...say(hint)]),
    ...(command === undefined ? [] : [{ text: " " }, code(command)]),
  ];
}
