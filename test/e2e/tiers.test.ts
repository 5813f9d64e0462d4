import { expect, it } from "vitest";
import { demoSeed } from "../../sandbox/workspace/demo-seed.ts";
import { cardOf, happened, press, request, type } from "./people.ts";
import { openStage } from "./stage.ts";

/** Slack's limit for the lists of groups, per minute and over all processes of an app. */
const listsPerMinute = 20;

it("a request, two approvals, a Hold and a Resume go through inside Slack's limits", {
  timeout: 180_000,
}, async () => {
  await using stage = await openStage({ workspace: { seed: { ...demoSeed(), enforceTiers: true } } });
  const { inspect } = stage.workspace;
  const asked: string[] = [];
  const id = await request(stage, "postgres test because it is time");
  asked.push(await press(stage, "U0ADA", await cardOf(stage, id), "approve"));
  asked.push(await press(stage, "U0LIN", await cardOf(stage, id), "approve"));
  await happened(stage, id, "approved");
  asked.push(await type(stage, `hold ${id}`, "U0LIN"));
  await happened(stage, id, "held");
  asked.push(await type(stage, `resume ${id}`, "U0ADA"));
  await happened(stage, id, "resumed");
  expect(asked).toEqual([
    expect.stringContaining("your approval is recorded"),
    expect.stringContaining("your approval is recorded"),
    expect.stringContaining("it will be held"),
    expect.stringContaining("it goes on"),
  ]);
  const { "usergroups.users.list": lists, "users.info": people } = inspect.tiers();
  expect(lists).toMatchObject({ over: 0 });
  expect(lists?.lastMinute).toBeLessThan(listsPerMinute / 2);
  expect(people).toMatchObject({ over: 0 });
});
