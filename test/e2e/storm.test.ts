import { expect, it } from "vitest";
import { expectInOrder, wholeStory } from "./in-order.ts";
import { approve, ended, happened, press, request, rootOf, toldToTheEnd } from "./people.ts";
import { openStage } from "./stage.ts";

it("answers presses during a storm of 429, and the thread is complete afterwards, each milestone once", {
  timeout: 180_000,
}, async () => {
  await using stage = await openStage();
  const { faults, inspect } = stage.workspace;
  const id = await request(stage, "postgres test because it is time");
  const root = await rootOf(stage, id);
  await approve(stage, id);
  await happened(stage, id, "step_started");
  await inspect.waitFor(() => root.text.includes("Rotating"), 60_000, "the root shows progress");
  faults.rateLimit({ method: "chat.update", count: 5, retryAfterSec: 1 });
  faults.rateLimit({ method: "chat.postMessage", count: 5, retryAfterSec: 1 });

  expect(await press(stage, "U0LIN", root, "hold")).toContain("it will be held before the next step");
  await happened(stage, id, "held");
  const typed = await stage.workspace.act.slash({
    userId: "U0ADA",
    channelId: "C0SUPPORT",
    command: "/rotate",
    text: `resume ${id}`,
  });
  expect(typed.acked).toBe(true);
  await happened(stage, id, "resumed");

  expect(await ended(stage, id)).toBe("done");
  expectInOrder(await toldToTheEnd(stage, root), wholeStory);
  const limited = inspect.apiCalls().filter(({ error }) => error === "ratelimited");
  expect(limited.filter(({ method }) => method === "chat.update")).toHaveLength(5);
  expect(limited.filter(({ method }) => method === "chat.postMessage")).toHaveLength(5);
});
