import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../sandbox/workspace/world.ts";
import { company } from "./company.ts";
import { cardOf, ended, journal, press, request, support, type } from "./people.ts";
import { openStage, type Stage } from "./stage.ts";

describe("who may approve, pressed in Slack", () => {
  let stage: Stage;
  let id: string;
  let card: Message;
  let untouched: string;

  beforeAll(async () => {
    stage = await openStage({ workspace: { seed: company() } });
    untouched = await readFile(join(stage.shop.folder, ".env"), "utf8");
    id = await request(stage, "postgres test because it is time", "U0ADA");
    card = await cardOf(stage, id);
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  const types = async () => (await journal(stage, id)).map((event) => event.type);

  it("is not the requester, who is told who can", async () => {
    const answer = await press(stage, "U0ADA", card, "approve");
    expect(answer).toContain("you asked for this rotation; somebody else has to decide");
    expect(answer).toMatch(/who can: .*security.*oncall/);
  });

  it.each([
    ["a guest in the group", "U0GUEST", "you are in none of the groups that may approve"],
    ["a deactivated account in the group", "U0GONE", "you are in none of the groups that may approve"],
    ["somebody of another company in the group", "U0VENDOR", "members of its own workspace only"],
    ["a member of none of the groups", "U0PRIYA", "you are in none of the groups that may approve"],
  ])("is not %s", async (_who, userId, sentence) => {
    expect(await press(stage, userId, card, "approve")).toContain(sentence);
  });

  it("is not somebody who joined the group after the request", async () => {
    await stage.workspace.act.editGroup({ groupId: "S0SECURITY", members: ["U0ADA", "U0GRACE", "U0PRIYA"] });
    expect(await press(stage, "U0PRIYA", card, "approve")).toContain("when this was requested");
    await press(stage, "U0LIN", card, "approve");
    expect(await types()).toEqual(["requested"]);
  });

  it("is nobody whose vote was written into the database by hand", async () => {
    await stage.database.query(
      `INSERT INTO keyturn.votes (rotation_id, subject, actor_kind, actor_id, team, decision, digest, because, at, key_id, mac)
       SELECT rotation_id, subject, actor_kind, 'U0GRACE', team, decision, digest, because, at, key_id, $1 FROM keyturn.votes
       WHERE actor_id = 'U0LIN'`,
      [randomBytes(32)],
    );
    // Whatever wakes the rotation: a refused press does.
    expect(await press(stage, "U0LIN", card, "approve")).toContain("you have voted on this request already");
    await stage.workspace.inspect.waitFor(() => stage.log().includes("signature"), 30_000, "the bot names the forgery");
    expect(await types()).toEqual(["requested"]);
  });

  it("is nobody any more who left the group between the vote and step 1", async () => {
    await stage.database.query("DELETE FROM keyturn.votes WHERE actor_id = 'U0GRACE'");
    await stage.workspace.act.editGroup({ groupId: "S0ONCALL", members: ["U0OLIVIA"] });
    expect(await press(stage, "U0GRACE", card, "approve")).toContain("your approval is recorded");
    await stage.workspace.inspect.waitFor(() => card.text.includes("1 of 2: @oncall still needed"), 30_000, card.text);
    expect(await types()).toEqual(["requested"]);
    expect(await readFile(join(stage.shop.folder, ".env"), "utf8")).toBe(untouched);
  });

  it("may cancel, and the buttons go", async () => {
    expect(await type(stage, "cancel postgres test", "U0GRACE")).toContain("it is cancelled");
    expect(await ended(stage, id)).toBe("cancelled");
    await stage.workspace.inspect.waitFor(() => card.text.includes("cancelled by"), 30_000, "the card is closed");
    const { channelId, ts } = card;
    await expect(stage.workspace.act.press({ userId: "U0OLIVIA", channelId, ts, actionId: "approve" })).rejects.toThrow(
      "no element approve",
    );
  });

  it("is not the only person on-call who asks: no card is posted, and the missing line is named", async () => {
    const answer = await type(stage, "postgres test", "U0OLIVIA", support);
    expect(answer).toContain("nobody besides you could approve for @oncall");
    expect(await stage.database.query("SELECT * FROM keyturn.rotations")).toHaveLength(1);
  });
});
