import { readFile, rename, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { tellWithSwitch } from "./accept-first-shop.ts";
import { told } from "./token-story.ts";

describe("an instance of the plan that still uses the old key after the withdrawal", () => {
  it("has acceptance given back and is named, with a whole overlap for what it made; after three times a person decides", async () => {
    await using story = await tellWithSwitch({ kind: "signing-key" });
    const { world, stage, press } = story;
    const { envFile, instances } = world.issuer;
    const laggard = instances.find(({ id }) => id === "api-2");
    const address = new URL(laggard?.url ?? "").host;
    const before = await world.values();
    const id = await stage.approved();
    await stage.drive(id, undefined, "publish");
    const firstPhase = await readFile(envFile, "utf8");
    const accepted = (await world.values())["JWT_SECRET_PREVIOUS"] ?? "";

    /** Somebody starts it from a stale copy of the file: it signs with the old key, and accepts the new one. */
    const startStale = async (): Promise<void> => {
      const now = await readFile(envFile, "utf8");
      await put(envFile, firstPhase);
      await world.restart("api-2");
      await put(envFile, now);
    };
    for (const times of [1, 2, 3]) {
      await stage.drive(id, undefined, "rollout-3");
      await startStale();
      const rewound = await stage.drive(id, undefined, "rollout-2");
      expect(rewound.enabledAgain, told(rewound)).toBe(times);
      expect(await world.values()).toMatchObject({
        JWT_SECRET: accepted,
        JWT_SECRET_PREVIOUS: before["JWT_SECRET"],
      });
    }
    const blocked = await stage.drive(id);
    const journal = await stage.state.load(id);
    const reasons = journal.flatMap(({ event }) => (event.type === "rewound" ? [event.reason] : []));
    expect(reasons).toHaveLength(3);
    for (const reason of reasons) {
      expect(reason).toMatchObject({ code: "laggard", hint: expect.stringContaining("restart who is named") });
      expect(reason.sentence).toContain(`another key at ${address}`);
      expect(reason.sentence).toContain("the old credential is accepted again and the rotation waits");
    }
    expect(blocked.block?.reason, told(blocked)).toMatchObject({ code: "laggard" });
    expect(blocked.steps["publish-3"]?.effects).toEqual({});
    // What it had signed with the old key lives as long as it was promised to, each time.
    const at = (type: "step_done" | "intended", step: string) =>
      journal.flatMap((each) => (each.event.type === type && each.event.step === step ? [Date.parse(each.at)] : []));
    for (const withdrawn of at("intended", "publish-3")) {
      const settled = at("step_done", "rollout-2").findLast((each) => each < withdrawn) ?? withdrawn;
      expect(withdrawn - settled).toBeGreaterThanOrEqual(2_400);
    }

    expect((await press(id, "look-again")).kind).toBe("ok");
    const rotation = await stage.drive(id);
    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect((await world.values())["JWT_SECRET_PREVIOUS"]).toBeUndefined();
  }, 300_000);
});

async function put(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
