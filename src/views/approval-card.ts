import type { Plan } from "../core/plan.ts";
import type { Rotation } from "../core/rotation.ts";
import { actions, type ButtonOf, context, fields, header, type Rendered, rich, textOf } from "./blocks.ts";
import { viewPlan } from "./controls.ts";
import { stillNeeded } from "./decision.ts";
import { findingLines, presentLines } from "./findings.ts";
import { filled } from "./limits.ts";
import { code, type Line, quote } from "./parts.ts";
import type { Shown } from "./request-message.ts";
import { consumerWords, graceWords, irreversible, overlapWords, planWords, wayBack } from "./runbook.ts";
import { leakedMark, ring, targetOf, who } from "./words.ts";

/**
 * The card in the policy's channel: what is asked, what cannot be undone, who is still needed. `decided`: how it went;
 * then there are no buttons. The groups that have to act are rung once, by the card itself.
 */
export function approvalCard(shown: Shown, decided: Line | undefined): Rendered {
  const { rotation } = shown;
  const { findings } = rotation;
  const { plan } = rotation;
  const title = `Approve: rotate ${targetOf(plan)}`;
  const asked: Line = [
    ...leakedMark(plan),
    { text: plan.cause === "leaked" ? "The current credential has leaked. " : "" },
    who(rotation.by),
    { text: " asks for it" },
    ...(rotation.because === "" ? [] : [{ text: ": " }, quote(rotation.because)]),
  ];
  const call: Line = decided ?? [
    { text: "to decide: " },
    ...plan.policy.approvals.flatMap(({ from, insteadOf }, index) => [
      ...(index === 0 ? [] : [{ text: ", " }]),
      ...ring(from),
      ...(insteadOf === undefined ? [] : [{ text: ` (instead of ${insteadOf.label})` }]),
    ]),
  ];
  const preflight = [...presentLines(plan), ...findingLines(findings)];
  const facts = factsOf(plan, rotation);
  return {
    text: textOf([
      [{ text: title }],
      asked,
      call,
      ...facts.map(([name, value]): Line => [{ text: `${name}: ` }, ...value]),
      ...preflight,
      contextLine(shown, decided),
    ]),
    blocks: [
      header(title),
      rich([asked, call], 700),
      fields(facts),
      rich(preflight, Math.floor(3_000 / preflight.length)),
      context(contextPieces(shown, decided)),
      ...actions(decided === undefined ? [...voteButtons(rotation), viewPlan(rotation)] : [viewPlan(rotation)]),
    ],
  };
}

function factsOf(plan: Plan, rotation: Rotation): readonly (readonly [string, Line])[] {
  return [
    ["Requester", [who(rotation.by)]],
    ["Environment", [{ text: plan.environment }]],
    [
      "Cause",
      plan.cause === "leaked"
        ? [...leakedMark(plan), { text: "LEAKED: no grace, nothing is enabled again by itself" }]
        : [{ text: "routine" }],
    ],
    ["Overlap", [{ text: overlapWords(plan) }]],
    ["Grace", [{ text: graceWords(plan) }]],
    ["Consumers", [{ text: consumerWords(plan) }]],
    ["Way back", [{ text: wayBack(plan) }]],
    ["Cannot be undone", [{ text: irreversible(plan) }]],
  ];
}

function voteButtons({ id, digest, plan }: Rotation): readonly ButtonOf[] {
  const confirm = {
    title: `Rotate ${targetOf(plan)}?`,
    text: `Your approval holds for plan ${digest.slice(0, 6)} only. Cannot be undone: ${irreversible(plan)}`,
    yes: "Approve",
  };
  return [
    { action: "approve", label: "Approve", value: { id, digest }, style: "primary", confirm },
    { action: "reject", label: "Reject", value: { id, digest, target: filled(targetOf(plan), 100) }, style: "danger" },
  ];
}

function contextPieces({ rotation, approval }: Shown, decided: Line | undefined): readonly Line[] {
  const base: readonly Line[] = [[{ text: "rotation " }, code(rotation.id)], planWords(rotation.digest)];
  return decided !== undefined
    ? base
    : [
        ...base,
        [{ text: "expires " }, { at: rotation.expiresAt }],
        ...(approval === undefined ? [] : [stillNeeded(approval)]),
      ];
}

function contextLine(shown: Shown, decided: Line | undefined): Line {
  return contextPieces(shown, decided).flatMap((piece, index) => (index === 0 ? piece : [{ text: ", " }, ...piece]));
}
