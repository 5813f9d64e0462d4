import type { Preview, Refusal } from "../core/desk.ts";
import { context, fields, header, list, numbered, type Rendered, rich, textOf } from "./blocks.ts";
import { findingLines, presentLines } from "./findings.ts";
import { bold, type Line, person } from "./parts.ts";
import { refusalLines } from "./refusal.ts";
import { consumerWords, graceWords, irreversible, overlapWords, planWords, runbook, wayBack } from "./runbook.ts";
import { leakedMark, separated, targetOf } from "./words.ts";

/** `/rotate plan`: what would be done, what a look at the real systems found, who may approve. Nothing was asked of anybody. */
export function previewAnswer(preview: Preview, refusal?: Refusal): Rendered {
  const { plan, digest, findings } = preview;
  const title = `Plan: ${targetOf(plan)}`;
  const first: readonly Line[] = refusal === undefined ? [] : refusalLines(refusal);
  const found = [...presentLines(plan), ...findingLines(findings)];
  const approvers = approverLines(preview);
  const steps = runbook(plan);
  return {
    text: textOf([[{ text: title }], ...first, ...numbered(steps), ...found, ...approvers]),
    blocks: [
      header(title),
      ...(first.length === 0 ? [] : [rich(first, Math.floor(1_500 / first.length))]),
      list("ordered", steps, 180),
      rich(found, Math.floor(2_000 / found.length)),
      fields([
        ["Cause", [...leakedMark(plan), { text: plan.cause }]],
        ["Overlap", [{ text: overlapWords(plan) }]],
        ["Grace", [{ text: graceWords(plan) }]],
        ["Consumers", [{ text: consumerWords(plan) }]],
        ["Way back", [{ text: wayBack(plan) }]],
        ["Cannot be undone", [{ text: irreversible(plan) }]],
      ]),
      rich(approvers, 300),
      context([planWords(digest)]),
    ],
  };
}

function approverLines({ approvers }: Preview): readonly Line[] {
  return approvers
    .slice(0, 6)
    .map(({ label, min, users }) => [
      bold(`${String(min)} of ${label}: `),
      ...(users.length === 0 ? [{ text: "nobody" }] : separated(users.slice(0, 8).map(person), ", ")),
      ...(users.length > 8 ? [{ text: ` and ${String(users.length - 8)} more` }] : []),
    ]);
}
