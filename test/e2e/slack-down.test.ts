import { expect, it } from "vitest";
import { expectInOrder, wholeStory } from "./in-order.ts";
import { approve, ended, happened, journal, replies, request, rootOf, toldToTheEnd } from "./people.ts";
import { openStage } from "./stage.ts";

it("goes on with what adds while Slack is away, retires nothing without its notice, and tells it all in order afterwards", {
  timeout: 180_000,
}, async () => {
  await using stage = await openStage();
  const id = await request(stage, "postgres test because it is time");
  const root = await rootOf(stage, id);
  await approve(stage, id);
  // The last look at who may approve is before step 1, and needs Slack.
  await happened(stage, id, "step_started");
  stage.workspace.faults.outage(true);
  const told = replies(stage, root).length;

  await happened(stage, id, "step_done", "verify");
  await happened(stage, id, "step_started", "grace");
  // Longer than grace and notice together.
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const meanwhile = await journal(stage, id);
  expect(meanwhile.some((event) => event.type === "step_started" && event.step === "disable")).toBe(false);
  expect(replies(stage, root).length).toBe(told);

  stage.workspace.faults.outage(false);
  expect(await ended(stage, id)).toBe("done");
  const thread = await toldToTheEnd(stage, root);
  expectInOrder(thread, wholeStory);
  expect(stage.shop.app.counts.refused).toBe(0);
});
