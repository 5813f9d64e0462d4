import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answered, buttonsOf, cardOf, ended, press, request, rootOf, support } from "./people.ts";
import { openStage, type Stage } from "./stage.ts";

describe("a request that is not approved", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage({ shop: { policy: "expires: 10s" } });
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  it("is rejected with a reason, which stands in the thread and on the card", async () => {
    const { act, inspect } = stage.workspace;
    const id = await request(stage, "postgres test because it is time");
    const card = await cardOf(stage, id);
    const root = await rootOf(stage, id);
    await act.press({ userId: "U0ADA", channelId: card.channelId, ts: card.ts, actionId: "reject" });
    const view = await inspect.waitFor(() => act.openViewsOf("U0ADA").at(-1), 30_000, "the form");
    const told = await answered(stage, "U0ADA", () =>
      act.submitView({ userId: "U0ADA", viewId: view.id, values: { reason: "not before the release" } }),
    );
    expect(told).toContain("your rejection is recorded");
    expect(await ended(stage, id)).toBe("cancelled");
    await inspect.waitFor(() => card.text.includes("rejected by"), 30_000, "the card is closed");
    await inspect.waitFor(
      () => inspect.thread(support, root.ts).some(({ text }) => text.includes("not before the release")),
      30_000,
      "the reason in the thread",
    );
    expect(buttonsOf(card)).toEqual(["view_plan"]);
  });

  it("is cancelled by its requester with the button", async () => {
    const id = await request(stage, "postgres test because it is time");
    await press(stage, "U0OLIVIA", await rootOf(stage, id), "cancel");
    expect(await ended(stage, id)).toBe("cancelled");
  });

  it("expires, which the card and the request show, and an old card that is still on somebody's screen does nothing", async () => {
    const { act, inspect } = stage.workspace;
    const id = await request(stage, "postgres test because it is time");
    const card = await cardOf(stage, id);
    const root = await rootOf(stage, id);
    const seen = structuredClone({ ...card });
    await press(stage, "U0ADA", card, "approve");
    expect(await ended(stage, id)).toBe("cancelled");
    await inspect.waitFor(() => !buttonsOf(card).includes("approve"), 30_000, "the card is closed");
    await inspect.waitFor(() => !buttonsOf(root).includes("cancel"), 30_000, "the request is closed");
    expect(card.text).toContain("expired");
    const { channelId, ts } = card;
    const told = await answered(stage, "U0LIN", () =>
      act.press({ userId: "U0LIN", channelId, ts, actionId: "approve", seen }),
    );
    expect(told).toContain("decided already");
  });
});
