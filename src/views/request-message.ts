import type { KnownBlock } from "@slack/types";
import type { ApprovalResult } from "../core/approval.ts";
import type { Rotation } from "../core/rotation.ts";
import { actions, context, header, list, numbered, type Rendered, rich, textOf } from "./blocks.ts";
import { controls } from "./controls.ts";
import { stillNeeded, votersOf } from "./decision.ts";
import { findingLines, presentLines } from "./findings.ts";
import { bold, code, type Line, quote, say } from "./parts.ts";
import { planWords, runbook } from "./runbook.ts";
import { endWords, planBlock, taskLines } from "./tasks.ts";
import { leakedMark, prefixOf, targetOf, who } from "./words.ts";

/** What a view of a rotation is made from. `approval`: how the votes stand. */
export type Shown = {
  readonly rotation: Rotation;
  readonly approval?: ApprovalResult | undefined;
};

/** The message that a rotation's thread hangs on: the request, then its live progress, then how it ended. */
export function requestMessage(shown: Shown, tasks: (rotation: Rotation) => KnownBlock = planBlock): Rendered {
  const { rotation } = shown;
  const begun = Object.keys(rotation.steps).length > 0 || rotation.phase === "approved";
  const title = titleOf(rotation);
  const top = topLines(shown);
  const body = begun
    ? [tasks(rotation)]
    : [
        list("ordered", runbook(rotation.plan), 220),
        rich(preflightLines(shown), Math.floor(3_000 / preflightLines(shown).length)),
      ];
  const lines = begun ? taskLines(rotation) : [...numbered(runbook(rotation.plan)), ...preflightLines(shown)];
  return {
    text: textOf([[...prefixOf(rotation), { text: title }], ...top, contextLine(shown), ...lines]),
    blocks: [
      header(title),
      rich(top, Math.floor(2_000 / top.length)),
      ...body,
      context(contextPieces(shown)),
      ...actions(controls(rotation)),
    ],
  };
}

function titleOf({ plan, phase, direction, ended, block }: Rotation): string {
  const target = targetOf(plan);
  if (ended !== undefined) {
    return `${endWords[ended.status]}: ${target}`;
  }
  if (phase === "pending") {
    return `Rotate ${target}${plan.cause === "leaked" ? " (leaked)" : ""}`;
  }
  return block !== undefined
    ? `Blocked: ${target}`
    : direction === "back"
      ? `Rolling back ${target}`
      : `Rotating ${target}`;
}

function topLines(shown: Shown): readonly Line[] {
  const { rotation } = shown;
  const { plan, by, because } = rotation;
  const asked: Line = [
    ...leakedMark(plan),
    { text: plan.cause === "leaked" ? "leaked; asked for by " : "asked for by " },
    who(by),
    ...(because === "" ? [] : [{ text: ": " }, quote(because)]),
  ];
  const advice: readonly Line[] =
    plan.cause === "leaked"
      ? [[{ text: "also: look through the last 30 days of its use, and rotate what else stood beside it" }]]
      : [];
  return [asked, ...advice, ...stateLines(rotation)];
}

function stateLines(rotation: Rotation): readonly Line[] {
  const { plan, ended, block, hold, turnedBack, phase } = rotation;
  if (ended !== undefined) {
    return [
      say(ended.sentence),
      ...ended.leftovers.slice(0, 6).map(({ sentence }): Line => [bold("to do: "), ...say(sentence)]),
    ];
  }
  if (block !== undefined) {
    return [
      [bold("blocked: "), ...say(block.reason.sentence)],
      [bold("live now: "), ...say(block.live)],
      ...(block.reason.hint === undefined ? [] : [[bold("to go on: "), ...say(block.reason.hint)]]),
    ];
  }
  if (phase === "pending") {
    return [[{ text: "waiting for approval in " }, { channel: plan.policy.channel.id }]];
  }
  const back: readonly Line[] =
    turnedBack === undefined ? [] : [[bold("going back: "), ...say(turnedBack.reason.sentence)]];
  const held: readonly Line[] =
    hold === undefined || rotation.direction === "back"
      ? []
      : [[bold("held by "), who(hold.by), { text: " until " }, { at: hold.until }]];
  return [...back, ...held];
}

function preflightLines({ rotation }: Shown): readonly Line[] {
  return [...presentLines(rotation.plan), ...findingLines(rotation.findings)];
}

function contextPieces(shown: Shown): readonly Line[] {
  const { rotation, approval } = shown;
  const people: readonly Line[] =
    rotation.votes.length > 0
      ? [[{ text: "approved by " }, ...votersOf(rotation.votes)]]
      : approval !== undefined && rotation.phase === "pending"
        ? [stillNeeded(approval)]
        : [];
  const expires: readonly Line[] =
    rotation.phase === "pending" ? [[{ text: "expires " }, { at: rotation.expiresAt }]] : [];
  return [[{ text: "rotation " }, code(rotation.id)], planWords(rotation.digest), ...people, ...expires];
}

function contextLine(shown: Shown): Line {
  return contextPieces(shown).flatMap((piece, index) => (index === 0 ? piece : [{ text: ", " }, ...piece]));
}
