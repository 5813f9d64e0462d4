import { describe, expect, it } from "vitest";
import { aboutOf } from "../../src/core/about.ts";
import { compose } from "../../src/core/algebra.ts";
import type { Event } from "../../src/core/events.ts";
import { overrideDigest } from "../../src/core/overrides.ts";
import type { Plan } from "../../src/core/plan.ts";
import { approvalCard } from "../../src/views/approval-card.ts";
import type { Rendered } from "../../src/views/blocks.ts";
import { overrideCard } from "../../src/views/override-card.ts";
import { requestMessage } from "../../src/views/request-message.ts";
import {
  approved,
  digest,
  journey,
  oddEvents,
  requested,
  rotationId,
  rotationOf,
  samplePlan,
} from "../views/sample.ts";
import { fakeDesk } from "./fake-desk.ts";
import { openStage, secops, support } from "./stage.ts";

const card = () => approvalCard({ rotation: rotationOf([requested()]) }, undefined);
const ada = { kind: "slack", id: "U0ADA", team: "T0SANDBOX" };
const grace = journey().slice(0, journey().findIndex(({ type }) => type === "grace_changed") + 1);
const blocked: readonly Event[] = [...grace, ...oddEvents.filter(({ type }) => type === "blocked")];
const held: readonly Event[] = [...grace, ...oddEvents.filter(({ type }) => type === "held")];

/** The message as it was before its buttons said what they are about. */
function older({ text, blocks }: Rendered): Rendered {
  const told = blocks.map((block) =>
    block.type !== "actions"
      ? block
      : {
          ...block,
          elements: block.elements.map((each) =>
            each.type === "button" ? { ...each, value: JSON.stringify({ id: rotationId }) } : each,
          ),
        },
  );
  return { text, blocks: told };
}

describe("Approve", () => {
  it("votes with the person of the payload and the digest of the card", async () => {
    await using stage = await openStage();
    const ts = await stage.post(secops, card());
    await stage.workspace.act.press({ userId: "U0ADA", channelId: secops, ts, actionId: "approve" });
    await stage.whispered("U0ADA", "vote noted");
    expect(stage.desk.asked("vote")).toEqual([{ rotationId, asker: ada, decision: "approve", digest, because: "" }]);
  });

  it("is one vote for ten replays and duplicated deliveries", async () => {
    await using stage = await openStage();
    const { act, faults, inspect } = stage.workspace;
    const ts = await stage.post(secops, card());
    faults.duplicateDeliveries(true);
    await act.press({ userId: "U0ADA", channelId: secops, ts, actionId: "approve" });
    for (let count = 0; count < 5; count += 1) await act.redeliver(0);
    await inspect.waitFor(
      () => stage.log.filter(({ message }) => message.startsWith("a repeated delivery")).length === 11,
    );
    expect(stage.desk.asked("vote")).toHaveLength(1);
  });

  it("says why not, and who can, to the presser alone", async () => {
    await using stage = await openStage();
    stage.desk.refuse("vote", "you asked for this rotation; somebody else has to decide");
    const ts = await stage.post(secops, card());
    await stage.workspace.act.press({ userId: "U0OLIVIA", channelId: secops, ts, actionId: "approve" });
    const told = await stage.whispered("U0OLIVIA", "not done: you asked for this rotation");
    expect(told.text).toContain("who can: @security");
    expect(
      stage.workspace.inspect
        .messages(secops)
        .find((message) => message.ts === ts)
        ?.blocks.at(-1)?.["type"],
    ).toBe("actions");
  });

  it("is not even asked of the desk for somebody of another company", async () => {
    await using stage = await openStage();
    const ts = await stage.post("C0VENDOR", card());
    await stage.workspace.act.press({ userId: "U0VENDOR", channelId: "C0VENDOR", ts, actionId: "approve" });
    await stage.whispered("U0VENDOR", "members of its own workspace only");
    expect(stage.desk.calls).toEqual([]);
  });
});

describe("Reject", () => {
  it("asks for the reason, refuses one that holds a secret inside the form, then votes", async () => {
    await using stage = await openStage();
    const { act, inspect } = stage.workspace;
    const ts = await stage.post(secops, card());
    await act.press({ userId: "U0ADA", channelId: secops, ts, actionId: "reject" });
    const view = await inspect.waitFor(() => act.openViewsOf("U0ADA").at(-1));
    const submit = (reason: string) => act.submitView({ userId: "U0ADA", viewId: view.id, values: { reason } });
    expect((await submit("the password is k9Xw2mQ7pL4vR8tZ")).errors).toEqual({
      reason: "This looks as if it held a secret; say it without.",
    });
    expect(stage.desk.asked("vote")).toEqual([]);
    await submit("not before the weekend");
    await stage.whispered("U0ADA", "vote noted");
    expect(stage.desk.asked("vote")).toEqual([
      { rotationId, asker: ada, decision: "reject", digest, because: "not before the weekend" },
    ]);
  });
});

describe("the buttons of a rotation", () => {
  it.each([
    ["hold", grace, { verb: "hold", detail: "" }],
    ["resume", held, { verb: "resume", detail: "", about: aboutOf(rotationOf(held), "resume") }],
    ["roll_back", grace, { verb: "roll-back", detail: "", about: "" }],
    ["look_again", blocked, { verb: "look-again", detail: "", about: aboutOf(rotationOf(blocked), "look-again") }],
    [
      "extend_grace",
      grace,
      { verb: "extend-grace", detail: "86400000", about: aboutOf(rotationOf(grace), "extend-grace") },
    ],
    ["cancel", [requested()], { verb: "cancel", detail: "" }],
  ] as const)("%s is one press", async (actionId, events, asked) => {
    await using stage = await openStage();
    const ts = await stage.post(support, requestMessage({ rotation: rotationOf(events) }));
    await stage.workspace.act.press({ userId: "U0ADA", channelId: support, ts, actionId });
    await stage.whispered("U0ADA", "press noted");
    expect(stage.desk.asked("press")).toEqual([
      { rotationId, asker: ada, onceKey: expect.stringMatching(/^press:/), ...asked },
    ]);
  });

  it.each([
    ["retire_now", grace, "retire-now"],
    ["abandon", blocked, "abandon"],
  ] as const)("%s asks for the full policy again", async (actionId, events, verb) => {
    await using stage = await openStage();
    const ts = await stage.post(support, requestMessage({ rotation: rotationOf(events) }));
    await stage.workspace.act.press({ userId: "U0ADA", channelId: support, ts, actionId });
    await stage.whispered("U0ADA", "override noted");
    expect(stage.desk.asked("override")).toEqual([
      { rotationId, asker: ada, verb, digest: overrideDigest(rotationOf(events), verb) },
    ]);
  });

  it.each([
    ["look_again", "press"],
    ["abandon", "override"],
  ] as const)(
    "%s of a button that does not say what it is about asks for nothing that stands now",
    async (actionId, verb) => {
      await using stage = await openStage();
      const ts = await stage.post(support, older(requestMessage({ rotation: rotationOf(blocked) })));
      await stage.workspace.act.press({ userId: "U0ADA", channelId: support, ts, actionId });
      await stage.whispered("U0ADA", `${verb} noted`);
      expect(stage.desk.asked(verb)).toMatchObject([verb === "press" ? { about: "" } : { digest: "" }]);
    },
  );

  it("Agree votes on the evidence that stands on its card", async () => {
    await using stage = await openStage();
    const rotation = rotationOf(grace);
    const ts = await stage.post(
      secops,
      overrideCard({
        rotation,
        verb: "retire-now",
        digest,
        votedBy: ["U0ADA"],
        approval: undefined,
        until: rotation.openedAt,
        state: "open",
      }),
    );
    await stage.workspace.act.press({ userId: "U0LIN", channelId: secops, ts, actionId: "agree" });
    await stage.whispered("U0LIN", "override noted");
    expect(stage.desk.asked("override")).toMatchObject([{ verb: "retire-now", digest, asker: { id: "U0LIN" } }]);
  });

  it("View plan opens the whole plan, in the time that Slack gives", async () => {
    await using stage = await openStage({ desk: fakeDesk(grace) });
    const ts = await stage.post(support, requestMessage({ rotation: rotationOf(grace) }));
    await stage.workspace.act.press({ userId: "U0PRIYA", channelId: support, ts, actionId: "view_plan" });
    const { inspect, act } = stage.workspace;
    await inspect.waitFor(() => JSON.stringify(act.openViewsOf("U0PRIYA").at(-1) ?? "").includes(digest));
    const views = inspect.apiCalls().filter(({ method }) => method.startsWith("views."));
    expect(views.map(({ method }) => method)).toEqual(["views.open", "views.update"]);
  });

  it("answers a press in a thread in that thread", async () => {
    await using stage = await openStage();
    const root = await stage.post(support, { text: "root", blocks: [] });
    const ts = await stage.post(support, requestMessage({ rotation: rotationOf(grace) }), root);
    await stage.workspace.act.press({ userId: "U0ADA", channelId: support, ts, actionId: "hold" });
    expect((await stage.whispered("U0ADA", "press noted")).threadTs).toBe(root);
  });
});

describe("what a person brings", () => {
  const rotator: Plan["rotator"] = {
    ...samplePlan().rotator,
    origin: "handed-in",
    revokeBy: "person",
    disable: false,
    usage: "none",
  };
  const plan = { rotator, ...compose({ ...rotator, present: "works" }) };
  const begun = (step: string): readonly Event[] => [
    { type: "step_started", step, attempt: 1 },
    { type: "intended", step, effect: "revoke" },
  ];
  const waiting = (step: "collect" | "confirm") => [requested({ plan }), approved, ...begun(step)];

  it("Hand in sends the link to the presser alone, as a direct message without a preview", async () => {
    await using stage = await openStage();
    const { act, inspect } = stage.workspace;
    const ts = await stage.post(support, requestMessage({ rotation: rotationOf(waiting("collect")) }));
    await act.press({ userId: "U0ADA", channelId: support, ts, actionId: "hand_in" });
    const told = await stage.whispered("U0ADA", "in your direct messages");
    expect(told.text).not.toContain("one-time-token");
    expect(stage.desk.asked("handIn")).toEqual([{ rotationId, asker: ada }]);
    const withLink = inspect.apiCalls().filter((call) => JSON.stringify(call).includes("one-time-token"));
    expect(withLink).toMatchObject([
      {
        method: "chat.postMessage",
        ok: true,
        args: { channel: "D0ADA", unfurl_links: "false", unfurl_media: "false" },
      },
    ]);
    expect(JSON.stringify(stage.log)).not.toContain("one-time-token");
  });

  it("Hand in says why not, and who can, and sends nothing", async () => {
    await using stage = await openStage();
    stage.desk.refuse("handIn", "only who may ask for this rotation, or approve it, may hand the new value in");
    const ts = await stage.post(support, requestMessage({ rotation: rotationOf(waiting("collect")) }));
    await stage.workspace.act.press({ userId: "U0PRIYA", channelId: support, ts, actionId: "hand_in" });
    await stage.whispered("U0PRIYA", "who can: @security");
    expect(stage.workspace.inspect.messages("D0PRIYA")).toEqual([]);
  });

  it("Confirm of an older card says what goes on now, and asks for nothing", async () => {
    await using stage = await openStage({ desk: fakeDesk(waiting("confirm")) });
    const { act, inspect } = stage.workspace;
    const ts = await stage.post(support, older(requestMessage({ rotation: rotationOf(waiting("confirm")) })));
    await act.press({ userId: "U0ADA", channelId: support, ts, actionId: "confirm_done" });
    const view = await inspect.waitFor(() =>
      act.openViewsOf("U0ADA").find((each) => JSON.stringify(each).includes("not asked any more")),
    );
    expect(JSON.stringify(view)).toContain("Have a person revoke the old credential");
    expect(JSON.stringify(view)).not.toContain('"input"');
    expect(stage.desk.asked("press")).toEqual([]);
  });

  it("Confirm asks for evidence, refuses what holds a secret inside the form, then presses with it", async () => {
    await using stage = await openStage({ desk: fakeDesk(waiting("confirm")) });
    const { act, inspect } = stage.workspace;
    const ts = await stage.post(support, requestMessage({ rotation: rotationOf(waiting("confirm")) }));
    await act.press({ userId: "U0ADA", channelId: support, ts, actionId: "confirm_done" });
    const view = await inspect.waitFor(() => act.openViewsOf("U0ADA").at(-1));
    expect(JSON.stringify(view)).toContain("Have a person revoke the old credential");
    const submit = (evidence: string) => act.submitView({ userId: "U0ADA", viewId: view.id, values: { evidence } });
    expect((await submit("the old one was k9Xw2mQ7pL4vR8tZ")).errors).toMatchObject({ evidence: expect.any(String) });
    expect(stage.desk.asked("press")).toEqual([]);
    await submit("the portal lists one key");
    await stage.whispered("U0ADA", "press noted");
    expect(stage.desk.asked("press")).toMatchObject([
      {
        rotationId,
        asker: ada,
        verb: "confirm",
        detail: "the portal lists one key",
        about: aboutOf(rotationOf(waiting("confirm")), "confirm"),
      },
    ]);
  });
});
