import { expect, it } from "vitest";
import { expectInOrder, wholeStory } from "./in-order.ts";
import { cardOf, ended, happened, press, request, rootOf, support, toldToTheEnd } from "./people.ts";
import { openStage } from "./stage.ts";

it("has one effect for two clicks, replays and redeliveries, a lost answer and a lost socket", {
  timeout: 180_000,
}, async () => {
  await using stage = await openStage();
  const { act, faults, inspect } = stage.workspace;
  const count = async (table: string) =>
    Number((await stage.database.query(`SELECT count(*) AS n FROM keyturn.${table}`))[0]?.["n"]);
  faults.duplicateDeliveries(true);
  const id = await request(stage, "postgres test because it is time");
  const card = await cardOf(stage, id);
  await press(stage, "U0ADA", card, "approve");
  const ada = { userId: "U0ADA", channelId: card.channelId, ts: card.ts, actionId: "approve" };
  await Promise.all([act.press(ada), act.press(ada)]);
  for (let index = inspect.sent().length - 1; index >= 0; index -= 1) {
    await act.redeliver(index);
    await act.redeliver(index);
  }
  expect(await count("rotations")).toBe(1);
  expect(await count("votes")).toBe(1);
  expect(inspect.messages(card.channelId).filter(({ text }) => text.startsWith("Approve:"))).toHaveLength(1);

  const root = await rootOf(stage, id);
  await press(stage, "U0LIN", card, "approve");
  await happened(stage, id, "step_started");
  faults.dropResponses("chat.postMessage", 1);
  await inspect.waitFor(() => root.text.includes("Rotating"), 60_000, "the root shows progress");
  await press(stage, "U0LIN", root, "hold");
  faults.disconnectSockets();
  await happened(stage, id, "held");
  await inspect.waitFor(() => inspect.connections() > 0, 60_000, "the bot connects again");
  expect(await count("commands")).toBe(1);
  await act.slash({ userId: "U0ADA", channelId: support, command: "/rotate", text: `resume ${id}` });
  expect(await ended(stage, id)).toBe("done");
  expectInOrder(await toldToTheEnd(stage, root), wholeStory, 1);
  expect(await count("votes")).toBe(2);
  expect(await count("commands")).toBe(2);
  expect(stage.shop.app.counts.refused).toBe(0);
});
