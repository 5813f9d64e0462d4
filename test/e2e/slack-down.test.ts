import { expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import { expectInOrder, wholeStory } from "./in-order.ts";
import {
  approve,
  ended,
  happened,
  journal,
  patienceMs,
  replies,
  request,
  rootOf,
  toldToTheEnd,
  type,
} from "./people.ts";
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

it("a bot that starts while Slack is away goes on with what is open, and answers people when it is back, then and after the next outage", {
  timeout: 180_000,
}, async () => {
  await using stage = await openStage();
  const { faults } = stage.workspace;
  const id = await request(stage, "postgres test because it is time");
  stage.shop.app.deaf.add("two");
  await approve(stage, id);
  await happened(stage, id, "step_started", "rollout");
  await stage.bots[0]?.stop();

  faults.outage(true);
  const bot = stage.launch();
  const says = (words: string, times = 1) =>
    eventually(
      async () => bot.log().split(words).length > times,
      patienceMs,
      () => `${words}: ${bot.log()}`,
    );
  await says("slack is away");
  stage.shop.app.deaf.delete("two");
  await happened(stage, id, "step_done", "verify");
  expect(bot.log()).not.toContain("keyturn is running");

  faults.outage(false);
  await says("keyturn is running");
  expect(await type(stage, `status ${id}`)).toContain(id);
  expect(await ended(stage, id)).toBe("done");

  faults.outage(true);
  const failed = bot.log().split("http request failed").length;
  faults.disconnectSockets();
  await says("http request failed", failed);
  faults.outage(false);
  await stage.workspace.inspect.waitFor(() => stage.workspace.inspect.connections() > 0, patienceMs, "connected again");
  expect(await type(stage, `status ${id}`)).toContain(id);
  expect(stage.shop.app.counts.refused).toBe(0);
});
