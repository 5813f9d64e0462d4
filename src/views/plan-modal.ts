import type { View } from "@slack/types";
import type { Rotation } from "../core/rotation.ts";
import { context, fields, list, plain, rich } from "./blocks.ts";
import { few, limits } from "./limits.ts";
import { bold, code, type Line } from "./parts.ts";
import { planWords, runbook, wayBack } from "./runbook.ts";
import { lasting, leakedMark, targetOf } from "./words.ts";

/** Opened at once; the plan takes its place. */
export function waitingModal(): View {
  return {
    type: "modal",
    title: plain("Plan", limits.viewTitle),
    close: plain("Close", limits.viewTitle),
    blocks: [rich([[{ text: "reading the journal" }]])],
  };
}

/** The whole plan for reading: every step, what it writes where, the way back, and the digest that approvals are bound to. */
export function planModal(rotation: Pick<Rotation, "id" | "plan" | "digest">): View {
  const { plan, digest, id } = rotation;
  const stores = few(
    plan.publishes.map(
      ({ label, values }): Line => [{ text: label }, { text: ": " }, code(Object.keys(values).join(", "))],
    ),
    20,
    (left) => [{ text: `and ${String(left)} more` }],
  );
  return {
    type: "modal",
    title: plain("Plan", limits.viewTitle),
    close: plain("Close", limits.viewTitle),
    blocks: [
      rich(
        [[...leakedMark(plan), bold(targetOf(plan)), { text: plan.cause === "leaked" ? ", leaked" : ", routine" }]],
        400,
      ),
      list("ordered", runbook(plan), 400),
      rich([[bold("writes")]]),
      list("bullet", stores, 300),
      rich(
        [
          [bold("way back: "), { text: wayBack(plan) }],
          ...(plan.back.length === 0 ? [] : [[{ text: plan.back.map(({ title }) => title).join("; ") }]]),
        ],
        1_500,
      ),
      fields([
        ["Grace", [{ text: `${lasting(plan.graceMs)}, at most ${lasting(plan.graceMaxMs)}` }]],
        ["Notice", [{ text: lasting(plan.noticeMs) }]],
        ["Idle", [{ text: lasting(plan.idleForMs) }]],
        ["Watch", [{ text: lasting(plan.watchMs) }]],
      ]),
      context([[{ text: "rotation " }, code(id)], planWords(digest), [{ text: "digest " }, code(digest)]]),
    ],
  };
}
