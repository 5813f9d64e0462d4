import { describe, expect, it } from "vitest";
import { evaluateApproval } from "../../src/core/approval.ts";
import type { Event } from "../../src/core/events.ts";
import { approvalCard } from "../../src/views/approval-card.ts";
import type { Rendered } from "../../src/views/blocks.ts";
import { classicMessage } from "../../src/views/classic.ts";
import { decisionOf } from "../../src/views/decision.ts";
import { requestMessage } from "../../src/views/request-message.ts";
import { approved, digest, journey, oddEvents, requested, rotationOf, samplePlan, stored } from "./sample.ts";

const nobody = { now: [["U0ADA"], ["U0LIN"]], atRequest: [["U0ADA"], ["U0LIN"]] };

function buttons({ blocks }: Rendered): string[] {
  return blocks.flatMap((block) =>
    block.type === "actions"
      ? block.elements.map((element) => ("action_id" in element ? (element.action_id ?? "") : ""))
      : [],
  );
}

function shown(events: readonly Event[]): Rendered {
  return requestMessage({ rotation: rotationOf(events) });
}

function until(type: Event["type"], step?: string): readonly Event[] {
  const events = journey();
  return events.slice(
    0,
    events.findIndex(
      (event) => event.type === type && (step === undefined || ("step" in event && event.step === step)),
    ) + 1,
  );
}

const blocked = oddEvents.find(({ type }) => type === "blocked");

describe("the message of a request", () => {
  it("shows the plan as a runbook, what preflight found, and who is still needed", () => {
    const rotation = rotationOf([requested()]);
    const approval = evaluateApproval(rotation.plan, digest, "U0OLIVIA", [], nobody);
    expect(requestMessage({ rotation, approval }).text).toMatchInlineSnapshot(`
      "Rotate redis prod
      asked for by <@U0OLIVIA>: “it is 90 days old”
      waiting for approval in <#C0SECOPS>
      rotation r4f1c09ab21, plan 3f9a1c, 0 of 2: @security, @oncall still needed, expires <!date^1795255200^{date_short_pretty} {time}|2026-11-21 10:00 UTC>
      1. Look again before anything changes: what was found must still be true
      2. Issue the new credential: a second password is added to the user app
      3. Log in with every published value of the new credential: each value as applications will read it
      4. Publish the new credential: env-file /srv/app/.env (1 key)
      5. Restart consumers onto the new credential, one at a time: command app
      6. Verify health and logs on the new credential: http /health
      7. Grace: both credentials work: 24 h, at most 3 d
      8. Look at every gate afresh
      9. Prove that nobody uses the old credential: through 10 min
      10. Disable the old credential (reversible): announced at least 15 min before
      11. Watch for anybody refused with the old credential: for 10 min; an instance of the plan that is refused brings it back
      12. Look at every gate afresh
      13. Revoke the old credential for good: the old password is removed (no way back after this)
      14. Prove that the old credential is refused and the new one accepted: the old password is refused with WRONGPASS
      preflight (reads only): the current credential works"
    `);
  });

  it("becomes live progress: what is done, what runs, what it waits for", () => {
    const message = shown(until("grace_changed"));
    expect(message.blocks.map(({ type }) => type)).toEqual(["header", "rich_text", "plan", "context", "actions"]);
    expect(message.text).toMatchInlineSnapshot(`
      "Rotating redis prod
      asked for by <@U0OLIVIA>: “it is 90 days old”
      rotation r4f1c09ab21, plan 3f9a1c, approved by <@U0ADA> (security) and <@U0LIN> (oncall)
      ✓ Look again before anything changes: looked again: current credential works, nothing has changed since the request
      ✓ Issue the new credential: new credential issued (app)
      ✓ Log in with every published value of the new credential: test login with the new credential passed, with every published value (12 ms)
      ✓ Publish the new credential: published to env-file /srv/app/.env, 1 key, version 8123 -&gt; 8131
      ✓ Restart consumers onto the new credential, one at a time: rolled out: command app 2 of 2, all on the new value
      ✓ Verify health and logs on the new credential: verified: health 200 redis=healthy (3 in a row)
      ▸ Grace: both credentials work (until 2026-11-22 09:40 UTC)
      · Look at every gate afresh
      · Prove that nobody uses the old credential
      · Disable the old credential (reversible)
      · Watch for anybody refused with the old credential
      · Look at every gate afresh
      · Revoke the old credential for good
      · Prove that the old credential is refused and the new one accepted"
    `);
  });

  it("is the same without task cards for a workspace that does not know them", () => {
    const rotation = rotationOf(until("grace_changed"));
    expect(classicMessage({ rotation }).text).toBe(requestMessage({ rotation }).text);
    expect(classicMessage({ rotation }).blocks.map(({ type }) => type)).toEqual([
      "header",
      "rich_text",
      "rich_text",
      "context",
      "actions",
    ]);
  });

  it("offers the buttons that fit, and no others", () => {
    expect(buttons(shown([requested()]))).toEqual(["view_plan", "cancel"]);
    expect(buttons(shown(until("step_started", "publish")))).toEqual(["hold", "roll_back", "view_plan"]);
    expect(buttons(shown(until("grace_changed")))).toEqual([
      "hold",
      "roll_back",
      "extend_grace",
      "retire_now",
      "view_plan",
    ]);
    expect(buttons(shown([...until("grace_changed"), ...oddEvents.filter(({ type }) => type === "held")]))).toEqual([
      "resume",
      "roll_back",
      "extend_grace",
      "retire_now",
      "view_plan",
    ]);
    expect(buttons(shown([...until("step_started", "idle"), ...(blocked === undefined ? [] : [blocked])]))).toEqual([
      "look_again",
      "roll_back",
      "abandon",
      "view_plan",
    ]);
    expect(
      buttons(shown([...until("grace_changed"), ...oddEvents.filter(({ type }) => type === "turned_back")])),
    ).toEqual(["view_plan"]);
    expect(buttons(shown(journey()))).toEqual(["view_plan"]);
  });

  it("asks for the full policy before a leaked credential that was disabled comes back", () => {
    const intended: Event = { type: "intended", step: "disable", effect: "disable" };
    const [, ...rest] = until("step_started", "disable");
    expect(buttons(shown([requested({ plan: { cause: "leaked" } }), ...rest, intended]))).toEqual([
      "hold",
      "roll_back_leaked",
      "view_plan",
    ]);
  });
});

describe("the approval card", () => {
  it("says what is asked, what cannot be undone, and who is still needed", () => {
    const rotation = rotationOf([requested({ plan: { cause: "leaked", red: ["http /health"] } })]);
    const approval = evaluateApproval(
      rotation.plan,
      digest,
      "U0OLIVIA",
      [
        {
          rotationId: rotation.id,
          actor: { kind: "slack", id: "U0LIN" },
          decision: "approve",
          digest,
          subject: "plan",
          at: rotation.openedAt,
        },
      ],
      nobody,
    );
    const card = approvalCard({ rotation, approval }, undefined);
    expect(buttons(card)).toEqual(["approve", "reject", "view_plan"]);
    expect(card.text).toMatchInlineSnapshot(`
      "Approve: rotate redis prod
      :rotating_light: The current credential has leaked. <@U0OLIVIA> asks for it: “it is 90 days old”
      to decide: <!subteam^S0SECURITY>, <!subteam^S0ONCALL>
      Requester: <@U0OLIVIA>
      Environment: prod
      Cause: :rotating_light: LEAKED: no grace, nothing is enabled again by itself
      Overlap: both credentials work until the old one is retired
      Grace: none: it leaked
      Consumers: command app
      Way back: until "Revoke the old credential for good" begins
      Cannot be undone: "Revoke the old credential for good": the old password is removed
      preflight (reads only): the current credential works
      red before we began, accepted by whoever approves: http /health
      rotation r4f1c09ab21, plan 3f9a1c, expires <!date^1795255200^{date_short_pretty} {time}|2026-11-21 10:00 UTC>, 1 of 2: @security still needed"
    `);
  });

  it("says in the place of which group another one is asked", () => {
    const { policy } = samplePlan();
    const leads = { label: "@platform-leads", groupId: "S0LEADS" };
    const approvals = policy.approvals.map((line) =>
      line.from.label === "@oncall" ? { ...line, from: leads, insteadOf: line.from } : line,
    );
    const plan = { policy: { ...policy, approvals } };
    const card = approvalCard({ rotation: rotationOf([requested({ plan })]) }, undefined);
    expect(card.text).toContain("to decide: <!subteam^S0SECURITY>, <!subteam^S0LEADS> (instead of @oncall)\n");
    expect(JSON.stringify(card.blocks)).toContain(" (instead of @oncall)");
    expect(JSON.stringify(card.blocks)).not.toContain("S0ONCALL");
  });

  it("has no vote buttons once it is decided, and says who and when", () => {
    const events = [requested(), approved];
    const card = approvalCard({ rotation: rotationOf(events) }, decisionOf(stored(events)));
    expect(buttons(card)).toEqual(["view_plan"]);
    expect(card.text).toContain("approved by <@U0ADA> (security) and <@U0LIN> (oncall), <!date^");
  });
});
