import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../servers/port.ts";
import { cardOf, patienceMs, press, request, secops, type } from "./people.ts";
import { openStage, type Stage } from "./stage.ts";

describe("what administrators change in the workspace", { timeout: 120_000 }, () => {
  let stage: Stage;
  let health: string;

  beforeAll(async () => {
    const port = await freePort();
    health = `http://127.0.0.1:${String(port)}/healthz`;
    stage = await openStage({ env: { KEYTURN_HEALTH_PORT: String(port) } });
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  const alarms = () => stage.database.query("SELECT detail FROM keyturn.audit WHERE verb = 'alarm' ORDER BY seq");

  it("who approved and then left the group, or the company, is taken off the open card at once", async () => {
    const { act, inspect } = stage.workspace;
    const id = await request(stage, "postgres test because it is time");
    const card = await cardOf(stage, id);
    const says = (words: string) => inspect.waitFor(() => card.text.includes(words), patienceMs, words);
    await press(stage, "U0ADA", card, "approve");
    await says("1 of 2: @oncall still needed");

    await act.editGroup({ groupId: "S0SECURITY", members: ["U0GRACE"] });
    await says("0 of 2: @security, @oncall still needed");
    await act.editGroup({ groupId: "S0SECURITY", members: ["U0ADA", "U0GRACE"] });
    await says("1 of 2: @oncall still needed");
    await act.editUser({ userId: "U0ADA", deleted: true });
    await says("0 of 2: @security, @oncall still needed");
    await act.editUser({ userId: "U0ADA", deleted: false });
    await says("1 of 2: @oncall still needed");
    expect(await type(stage, `cancel ${id}`)).toContain("cancelled");
  });

  it("a policy's channel that another company joins takes no new card, and raises an alarm", async () => {
    const { act, inspect } = stage.workspace;
    const before = inspect.messages(secops).length;
    await act.shareChannel({ channelId: secops });

    const told = await type(stage, "postgres test because it is time");
    expect(told).toContain("#security-ops, where this would be approved, is shared with another company");
    expect(inspect.messages(secops).length).toBe(before);
    await expect
      .poll(alarms)
      .toEqual([{ detail: expect.stringMatching(/^a policy's channel is shared with another company.* C0SECOPS /) }]);
    expect(stage.log()).toContain("a policy's channel is shared with another company");
  });

  it("without the event, which may be lost, the channel is looked at all the same", async () => {
    await using other = await openStage({ workspace: { manifestEvents: ["app_mention"] } });
    await other.workspace.act.shareChannel({ channelId: secops });
    expect(await type(other, "postgres test")).toContain("is shared with another company");
  });

  it("a token that was revoked makes the health red and raises an alarm", async () => {
    expect((await fetch(health)).status).toBe(200);
    await stage.workspace.act.revokeTokens();
    await expect.poll(async () => (await fetch(health)).status, { timeout: 30_000 }).toBe(503);
    expect(await (await fetch(health)).json()).toEqual({ database: true, slack: false });
    await expect.poll(alarms, { timeout: 30_000 }).toContainEqual({ detail: "the bot's token was revoked" });
    expect(stage.log()).toContain("the bot's token was revoked");
  });

  it("so does the removal of the app", async () => {
    await stage.workspace.act.uninstall();
    await expect.poll(alarms, { timeout: 30_000 }).toContainEqual({ detail: "the app was removed from the workspace" });
  });
});
