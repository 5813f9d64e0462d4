import type { View } from "@slack/types";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { blockProblems, tooLongTogether } from "../../sandbox/workspace/blocks/check.ts";
import { viewProblems } from "../../sandbox/workspace/blocks/view.ts";
import { JsonObjectSchema } from "../../sandbox/workspace/json.ts";
import { evaluateApproval } from "../../src/core/approval.ts";
import type { Headline } from "../../src/core/state.ts";
import { approvalCard } from "../../src/views/approval-card.ts";
import type { Rendered } from "../../src/views/blocks.ts";
import { classicMessage } from "../../src/views/classic.ts";
import { decisionOf } from "../../src/views/decision.ts";
import { help } from "../../src/views/help.ts";
import { openList, targetList } from "../../src/views/list.ts";
import { milestone } from "../../src/views/milestone.ts";
import { overrideCard } from "../../src/views/override-card.ts";
import { planModal, waitingModal } from "../../src/views/plan-modal.ts";
import { previewAnswer } from "../../src/views/preview.ts";
import { refusalAnswer } from "../../src/views/refusal.ts";
import { rejectModal } from "../../src/views/reject-modal.ts";
import { requestMessage } from "../../src/views/request-message.ts";
import { requestModal } from "../../src/views/request-modal.ts";
import { requestedAnswer } from "../../src/views/requested.ts";
import { statusAnswer } from "../../src/views/status.ts";
import { findings as anyFindings, hostileEvents, nasty } from "./nasty.ts";
import { digest, journey, rotationId, rotationOf, stored } from "./sample.ts";

const Blocks = z.array(JsonObjectSchema);

/** What Slack would refuse in a message, or what would be interpreted in it. */
function problemsOf({ text, blocks }: Rendered): string[] {
  const plain = Blocks.parse(JSON.parse(JSON.stringify(blocks)));
  return [
    ...blockProblems(plain, "message"),
    ...(tooLongTogether(plain) ? ["msg_blocks_too_long"] : []),
    ...(Buffer.byteLength(text) > 4_000 ? ["msg_too_long"] : []),
    ...(text.trim() === "" ? ["no_text"] : []),
    ...interpreted(text),
    ...markupIn(plain).flatMap(interpreted),
    ...unseenIn([text, ...leaves(plain)]),
  ];
}

/** Tokens that are not ours, and brackets outside of any. */
function interpreted(text: string): string[] {
  const ours =
    /<@U0[A-Z]+>|<!subteam\^S0[A-Z]+>|<#C0[A-Z]+>|<!date\^\d+\^\{date_short_pretty\} \{time\}\|\d{4}-\d\d-\d\d \d\d:\d\d UTC>/g;
  const evil = /[<>]|EVIL>/.exec(text.replaceAll(ours, (token) => (token.includes("EVIL") ? token : "")));
  return evil === null ? [] : [`interpreted: ${text.slice(Math.max(0, evil.index - 20), evil.index + 20)}`];
}

function markupIn(value: unknown): string[] {
  const found = z.object({ type: z.literal("mrkdwn"), text: z.string() }).safeParse(value);
  const inside = typeof value === "object" && value !== null ? Object.values(value).flatMap(markupIn) : [];
  const mention = z
    .object({ user_id: z.string() })
    .or(z.object({ usergroup_id: z.string() }))
    .or(z.object({ channel_id: z.string() }))
    .safeParse(value);
  const rung = mention.success && JSON.stringify(mention.data).includes("EVIL") ? ["<@U0EVIL>"] : [];
  return [...(found.success ? [found.data.text] : []), ...inside, ...rung];
}

function leaves(value: unknown): string[] {
  return typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(leaves)
      : [];
}

function unseenIn(texts: readonly string[]): string[] {
  return texts
    .filter((text) =>
      /[\u200b\u202e]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text),
    )
    .map((text) => `unseen: ${text.slice(0, 40)}`);
}

function modalProblems(view: View): string[] {
  return [...viewProblems(JsonObjectSchema.parse(JSON.parse(JSON.stringify(view)))), ...unseenIn(leaves(view.blocks))];
}

const runs = { numRuns: 40 };

describe("whatever the lengths and the words, Slack takes it and interprets nothing", () => {
  it("in the request's message, rich and classic, and in the status", () => {
    fc.assert(
      fc.property(hostileEvents, anyFindings, (events, findings) => {
        const rotation = rotationOf(events);
        const approval = evaluateApproval(rotation.plan, digest, "U0OLIVIA", [], { now: [], atRequest: [] });
        const headline: Headline = {
          id: rotationId,
          secret: rotation.plan.secret,
          environment: rotation.plan.environment,
          status: "running",
          line: rotation.because,
          openedAt: rotation.openedAt,
          dueAt: undefined,
        };
        const shown = { rotation: { ...rotation, findings }, approval };
        expect(
          [
            requestMessage(shown),
            classicMessage(shown),
            statusAnswer({ rotation, headline, approval, auditHead: digest }),
          ].flatMap(problemsOf),
        ).toEqual([]);
      }),
      runs,
    );
  });

  it("on the cards", () => {
    fc.assert(
      fc.property(hostileEvents, anyFindings, (events, findings) => {
        const rotation = rotationOf(events);
        const approval = evaluateApproval(rotation.plan, digest, "U0OLIVIA", [], { now: [], atRequest: [] });
        const override = {
          rotation,
          verb: "abandon" as const,
          digest,
          votedBy: ["U0ADA"],
          approval,
          until: rotation.openedAt,
        };
        const cards = [
          approvalCard({ rotation: { ...rotation, findings }, approval }, undefined),
          approvalCard({ rotation: { ...rotation, findings } }, decisionOf(stored(events))),
          overrideCard({ ...override, state: "open" }),
          overrideCard({ ...override, state: "over" }),
        ];
        expect(cards.flatMap(problemsOf)).toEqual([]);
      }),
      runs,
    );
  });

  it("in every reply of the thread", () => {
    fc.assert(
      fc.property(hostileEvents, nasty, (events, auditHead) => {
        const rotation = rotationOf(events);
        const replies = stored(events).map((event) =>
          milestone(event, { rotation, mention: () => undefined, auditHead }),
        );
        expect(replies.flatMap((reply) => (reply === undefined ? [] : problemsOf(reply)))).toEqual([]);
      }),
      runs,
    );
  });

  it("in answers and lists", () => {
    fc.assert(
      fc.property(hostileEvents, anyFindings, fc.array(nasty, { maxLength: 45 }), (events, findings, words) => {
        const { plan, because } = rotationOf(events);
        const preview = {
          plan,
          digest,
          findings,
          approvers: words.map((label) => ({ label, min: 1, users: Array.from({ length: 30 }, () => "U0ADA") })),
        };
        const refusal = { code: "x", sentence: because, hint: because, who: words, nearest: words };
        const open = words.map((word) => ({
          id: word,
          secret: word,
          environment: word,
          status: "running" as const,
          line: word,
          openedAt: "2026-11-21T09:00:00.000Z",
          dueAt: undefined,
        }));
        const targets = words.map((word, index) => ({
          secret: word,
          environment: word,
          owner: word,
          open: open[index],
        }));
        const answers = [
          previewAnswer(preview),
          previewAnswer(preview, refusal),
          refusalAnswer(refusal),
          requestedAnswer(because, preview, false, because),
          openList(open),
          targetList(targets, undefined),
          targetList(targets, because),
          help(),
        ];
        expect(answers.flatMap(problemsOf)).toEqual([]);
      }),
      runs,
    );
  });

  it("in the modals", () => {
    fc.assert(
      fc.property(hostileEvents, fc.array(nasty, { maxLength: 120 }), (events, words) => {
        const rotation = rotationOf(events);
        const targets = words.map((word) => ({ secret: word, environment: word }));
        const modals = [
          planModal(rotation),
          waitingModal(),
          rejectModal(rotation.plan.secret, { channel: "C0SECOPS" }),
          requestModal(targets, { channel: "C0SECOPS" }),
        ];
        expect(modals.flatMap(modalProblems)).toEqual([]);
      }),
      runs,
    );
  });
});

describe("the checks of this file", () => {
  it("notice what they look for", () => {
    const bad = (text: string): Rendered => ({ text, blocks: [] });
    expect(problemsOf(bad("<!channel>"))).toHaveLength(1);
    expect(problemsOf(bad("<@U0EVIL>"))).toHaveLength(1);
    expect(problemsOf(bad("a\u202eb"))).toHaveLength(1);
    expect(problemsOf(bad("x".repeat(4_001)))).toEqual(["msg_too_long"]);
    expect(
      problemsOf({ text: "x", blocks: [{ type: "section", text: { type: "mrkdwn", text: "<!here>" } }] }),
    ).toHaveLength(1);
    expect(
      problemsOf({
        text: "x",
        blocks: [
          {
            type: "rich_text",
            elements: [{ type: "rich_text_section", elements: [{ type: "user", user_id: "U0EVIL" }] }],
          },
        ],
      }),
    ).toHaveLength(1);
    expect(problemsOf(requestMessage({ rotation: rotationOf(journey()) }))).toEqual([]);
  });
});
