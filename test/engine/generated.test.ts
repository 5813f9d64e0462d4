import { describe, expect, it } from "vitest";
import { type AdminStory, email, oldPassword, tellAdmin } from "./generated-story.ts";
import { told } from "./token-story.ts";

describe("the0's root administrator on docker compose", { timeout: 170_000 }, () => {
  it("has a new password that keeps the policy; the old one is refused, its sessions are dead, and people were told before", async () => {
    await using story = await tellAdmin();
    const { stage, client } = story;
    const session = (await client.login(email, oldPassword)) ?? "";
    expect(await client.whoIs(session)).toBe(email);

    const id = await stage.approved();
    const asked = await stage.rotation(id);
    // Another worker goes on: it has the very session that was opened before.
    await stage.drive(id, undefined, "publish");
    expect(await client.whoIs(session)).toBe(email);
    const rotation = await stage.drive(id);

    expect(asked.plan.rotator.words.cut).toMatch(
      /^everybody who is logged in as the0 root administrator is logged out/,
    );
    expect(asked.findings).toContainEqual(expect.objectContaining({ code: "deployment_layer_only" }));
    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect(rotation.steps["prove"]?.sentence).toBe(
      "proved: old credential refused (401; accepted by the same probe before), new accepted",
    );
    const env = await story.env();
    expect(env["THE0_ADMIN_EMAIL"]).toBe(email);
    const password = env["THE0_ADMIN_PASSWORD"] ?? "";
    expect(password).toMatch(/^[A-Za-z][A-Za-z0-9]{31}$/);
    expect(await client.login(email, oldPassword)).toBeUndefined();
    expect(await client.whoIs(session)).toBeUndefined();
    expect(await client.whoIs((await client.login(email, password)) ?? "")).toBe(email);
    const journal = JSON.stringify(await stage.state.load(id));
    for (const secret of [oldPassword, password, session]) expect(journal).not.toContain(secret);
  });

  it("a policy that no password which the store carries can keep is refused when the plan is made, with nothing changed", async () => {
    await using story = await tellAdmin({
      rotator: { policy: { needs: ["lower", "symbol"], symbols: "-_" } },
      carried: "abcdefghijklmnopqrstuvwxyz0123456789",
    });
    const before = await story.env();
    await expect(story.stage.requested()).rejects.toThrow(/"policy_unmet"/);
    expect(await story.env()).toEqual(before);
  });

  it("an application that does not start with it is brought back to the old one by itself", async () => {
    await using story = await tellAdmin({ minPasswordLength: 40 });
    const { stage, client } = story;
    const before = await story.env();
    const session = (await client.login(email, oldPassword)) ?? "";

    const id = await stage.approved();
    const rotation = await stage.drive(id);

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back" });
    expect(rotation.turnedBack?.reason).toMatchObject({ code: "container_ended" });
    expect(rotation.turnedBack?.reason.hint).toMatch(/THE0_ADMIN_PASSWORD is invalid/);
    expect(await story.env()).toEqual(before);
    expect(await client.login(email, oldPassword)).toBeDefined();
    expect(await client.whoIs(session)).toBe(email);
  });

  it("is taken back by a person after the roll-out: a second cut, after which the new one is refused", async () => {
    await using story = await tellAdmin();
    const { stage, client } = story;
    const before = await story.env();
    const id = await stage.approved();
    await stage.drive(id, undefined, "rollout");
    const { THE0_ADMIN_PASSWORD: password = "" } = await story.env();
    const session = (await client.login(email, password)) ?? "";

    expect(await press(story, id, "roll-back")).toBe("ok");
    const rotation = await stage.drive(id);

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back" });
    expect(await story.env()).toEqual(before);
    expect(await client.login(email, oldPassword)).toBeDefined();
    expect(await client.login(email, password)).toBeUndefined();
    expect(await client.whoIs(session)).toBeUndefined();
  });

  it("another email makes another account: the old one is named as alive until somebody ends it", async () => {
    const fresh = "platform@the0.example";
    await using story = await tellAdmin({ rotator: { email: fresh } });
    const { stage, client } = story;
    const session = (await client.login(email, oldPassword)) ?? "";

    const id = await stage.approved();
    expect((await stage.rotation(id)).findings).toContainEqual(expect.objectContaining({ code: "email_changes" }));
    const blocked = await stage.drive(id);
    expect(blocked.block, told(blocked)).toBeDefined();
    expect(blocked.block?.reason.sentence).toContain("session_alive");
    expect(await client.whoIs(session)).toBe(email);

    const { THE0_ADMIN_PASSWORD: password = "" } = await story.env();
    await client.deactivate((await client.login(fresh, password)) ?? "", email);
    expect(await press(story, id, "look-again")).toBe("ok");
    const rotation = await stage.drive(id);
    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused/);
    expect(await client.login(email, oldPassword)).toBeUndefined();
  });
});

async function press({ stage }: AdminStory, rotationId: string, verb: "roll-back" | "look-again"): Promise<string> {
  const asker = { kind: "slack", id: "U-ada", team: "T1" } as const;
  return (await stage.desk.press({ rotationId, asker, verb, detail: "", onceKey: verb })).kind;
}
