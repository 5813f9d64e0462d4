import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../sandbox/workspace/world.ts";
import { eventually } from "./eventually.ts";
import {
  approve,
  buttonsOf,
  ended,
  happened,
  journal,
  press,
  replies,
  request,
  rootOf,
  secops,
  toldToTheEnd,
} from "./people.ts";
import { openStage, type Stage } from "./stage.ts";

describe("the buttons of a rotation that runs", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage({ shop: { graceMs: 120_000, switch: true, policy: "onFailure: hold" } });
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  const begin = async (): Promise<{ id: string; root: Message }> => {
    const id = await request(stage, "postgres test because it is time");
    const root = await rootOf(stage, id);
    await approve(stage, id);
    return { id, root };
  };
  const question = (title: string) =>
    stage.workspace.inspect.waitFor(
      () =>
        stage.workspace.inspect
          .messages(secops)
          .find((message) => message.text.startsWith(title) && buttonsOf(message).includes("agree")),
      60_000,
      `the question "${title}"`,
    );

  it("hold, resume and extend it, and retire the old credential now when the full policy agrees", {
    timeout: 120_000,
  }, async () => {
    const { id, root } = await begin();
    await happened(stage, id, "grace_changed");
    await press(stage, "U0LIN", root, "hold");
    await happened(stage, id, "held");
    await press(stage, "U0ADA", root, "resume");
    await happened(stage, id, "resumed");
    await press(stage, "U0ADA", root, "extend_grace");
    await stage.workspace.inspect.waitFor(
      () => replies(stage, root).filter((text) => text.includes("grace until")).length > 0,
      60_000,
      "the thread tells of more grace",
    );
    expect(await press(stage, "U0OLIVIA", root, "retire_now")).toContain("you asked for this rotation");
    expect(await press(stage, "U0ADA", root, "retire_now")).toContain("still needed within 10 minutes: 1 of @oncall");
    expect(await press(stage, "U0LIN", await question("Retire now"), "agree")).toContain("the full policy agrees");
    expect(await ended(stage, id)).toBe("done");
    expect((await toldToTheEnd(stage, root)).join("\n")).toContain("retire now: agreed by");
  });

  it("roll it back", { timeout: 120_000 }, async () => {
    const before = await stage.shop.url();
    const { id, root } = await begin();
    await happened(stage, id, "grace_changed");
    expect(await stage.shop.url()).not.toBe(before);
    await press(stage, "U0LIN", root, "roll_back");
    expect(await ended(stage, id)).toBe("rolled_back");
    expect(await stage.shop.url()).toBe(before);
  });

  it("let a blocked one look again, or abandon it with everything that is left alive named", {
    timeout: 180_000,
  }, async () => {
    const { id, root } = await begin();
    await happened(stage, id, "step_done", "publish");
    stage.shop.app.red = true;
    await happened(stage, id, "blocked");
    await press(stage, "U0ADA", root, "look_again");
    await eventually(
      async () => (await journal(stage, id)).filter(({ type }) => type === "blocked").length === 2,
      60_000,
      "it is blocked again",
    );
    await press(stage, "U0ADA", root, "abandon");
    await press(stage, "U0LIN", await question("Abandon"), "agree");
    expect(await ended(stage, id)).toBe("closed");
    stage.shop.app.red = false;
    const end = (await journal(stage, id)).at(-1);
    expect(end?.type === "ended" ? end.leftovers.length : 0).toBeGreaterThan(0);
    expect((await toldToTheEnd(stage, root)).join("\n")).toContain("to do: ");
  });
});
