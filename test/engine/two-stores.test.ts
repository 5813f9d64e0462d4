import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { advance } from "../../src/core/engine.ts";
import { GiveUp, TryLater } from "../../src/core/errors.ts";
import type { Rotation } from "../../src/core/rotation.ts";
import { plusMs } from "../../src/core/time.ts";
import { json, servePage } from "../checks/page.ts";
import { report } from "./story.ts";
import { openTwoStores, type TwoStores } from "./two-stores-shop.ts";

const troubled = (step: string) => (now: Rotation) =>
  now.steps[step]?.notes["trouble"] !== undefined || now.block !== undefined;

/** What people read when it is blocked, or what the step that waits says. */
function said(rotation: Rotation, step: string): string {
  return rotation.block?.reason.sentence ?? rotation.steps[step]?.notes["trouble"]?.sentence ?? report(rotation);
}

/** No password of this world stands in what the journal tells people. */
async function expectSilent({ stage, first, second, shop }: TwoStores, id: string, ...more: string[]): Promise<void> {
  const journal = JSON.stringify(await stage.state.load(id));
  const texts = [await first.text(), await second.text().catch(() => "")];
  const passwords = texts.flatMap((text) => [...text.matchAll(/:([^:@]+)@/g)].map(([, password = ""]) => password));
  const secrets = [shop.firstPassword, ...passwords, ...more];
  expect(secrets.filter((secret) => secret !== "" && journal.includes(secret))).toEqual([]);
}

describe.concurrent("one of two stores fails", { timeout: 180_000 }, () => {
  it("and is gone when it is to be written: the other one is put back, and people read what each holds", async () => {
    await using world = await openTwoStores();
    const { stage, first, second, happens } = world;
    const [before, beforeSecond] = [await first.text(), await second.text()];
    happens.publish = () => rm(second.file);
    const id = await stage.approved();
    const blocked = await stage.drive(id);

    expect(blocked.turnedBack, report(blocked)).toMatchObject({
      by: { kind: "engine" },
      reason: { code: "store_missing" },
    });
    expect(blocked.turnedBack?.reason.sentence).not.toContain("seen in the stores");
    expect(await first.text()).toBe(before);
    expect(blocked.block).toMatchObject({ step: "back-publish", reason: { code: "store_missing" } });
    expect(said(blocked, "back-publish")).toContain(
      `seen in the stores: ${first.label}: the old value; ${second.label}: is not there`,
    );
    expect(blocked.steps["back-rollout"]).toBeUndefined();
    await expectSilent(world, id);

    delete happens.publish;
    await second.write(beforeSecond);
    expect(await world.press(id, "look-again")).toBe("ok");
    const rotation = await stage.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect([await first.text(), await second.text()]).toEqual([before, beforeSecond]);
  });

  it("and cannot be reached on the way back, not even to fence it: the other one is put back meanwhile", async () => {
    await using world = await openTwoStores();
    const { stage, first, second, happens } = world;
    const before = await first.text();
    const id = await stage.approved();
    await stage.drive(id, undefined, "publish");
    const published = await second.text();
    expect([await first.text(), published]).not.toContain(before);

    happens.any = () => {
      throw new TryLater("away", "it does not answer", { afterMs: 100 });
    };
    expect(await world.press(id, "roll-back")).toBe("ok");
    const waiting = await stage.drive(id, troubled("back-publish"));
    expect(waiting.block, report(waiting)).toBeUndefined();
    expect([await first.text(), await second.text()]).toEqual([before, published]);
    expect(said(waiting, "back-publish")).toBe(
      `${second.label}: it does not answer; seen in the stores: ${first.label}: the old value; ${second.label}: could not be read (away)`,
    );
    await expectSilent(world, id);

    delete happens.any;
    const rotation = await stage.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect([await first.text(), await second.text()]).toEqual([before, before]);
  });

  it("and somebody else writes it at that instant, where a failure holds: the block says what each holds", async () => {
    await using world = await openTwoStores({ policy: "onFailure: hold" });
    const { stage, first, second, happens } = world;
    const before = await first.text();
    happens.publish = () => second.write("SHOP_URL=postgresql://eve:foreign-password-0123@db/shop\n");
    const id = await stage.approved();
    const blocked = await stage.drive(id);

    expect(blocked.block?.reason, report(blocked)).toMatchObject({ code: "foreign_write" });
    expect(said(blocked, "publish")).toContain(
      `seen in the stores: ${first.label}: the new value; ${second.label}: somebody else's value`,
    );
    expect([blocked.turnedBack, blocked.steps["rollout"]]).toEqual([undefined, undefined]);
    await expectSilent(world, id, "foreign-password-0123");

    delete happens.publish;
    await second.write(before);
    expect(await world.press(id, "roll-back")).toBe("ok");
    const rotation = await stage.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect([await first.text(), await second.text()]).toEqual([before, before]);
  });

  it("and refuses for good, still holding the old value: nothing is asked of it on the way back, which ends", async () => {
    await using world = await openTwoStores();
    const { stage, first, second, happens } = world;
    const before = await first.text();
    happens.publish = () => {
      happens.preflight = () => [{ severity: "error", code: "no_right", sentence: "Keyturn may not write here" }];
      throw new GiveUp("no_right", "Keyturn may not write here");
    };
    const rotation = await stage.drive(await stage.approved());
    expect(rotation.turnedBack?.reason, report(rotation)).toMatchObject({ code: "no_right" });
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect([await first.text(), await second.text()]).toEqual([before, before]);
  });
});

describe.concurrent("a store behind an API that answers 409 again and again", { timeout: 180_000 }, () => {
  it.each(["forward", "back"] as const)(
    "%s: it is asked three times a turn, people are heard, and it ends",
    async (way) => {
      let [value, looks, conflict] = ["", 0, false];
      await using page = await servedPage(({ method, body }) => {
        if (method === "GET") return { status: 200, body: { value, fetchedAt: ++looks } };
        if (conflict) return { status: 409, body: {} };
        value = String(JSON.parse(body).value);
        return { status: 200, body: {} };
      });
      await using world = await openTwoStores({
        label: "http-api admin",
        entry: (values) => `      - store: http-api
        name: admin
        url: ${page.url}
        admin: {}
        read: { path: /kept, values: { SHOP_URL: "$.value" } }
        write: { path: /kept, body: { value: "{{SHOP_URL}}" } }
        ${values}
`,
      });
      const { stage, shop, first } = world;
      value = await shop.url();
      const [before, old] = [await first.text(), value];
      const id = await stage.approved();
      const step = way === "forward" ? "publish" : "back-publish";
      if (way === "back") {
        await stage.drive(id, undefined, "publish");
        expect(value).not.toBe(old);
        expect(await world.press(id, "roll-back")).toBe("ok");
      }
      conflict = true;
      const writes = () => page.requests.filter(({ method }) => method !== "GET").length;
      const asked = writes();
      const waiting = await stage.drive(id, troubled(step));
      expect(writes() - asked).toBe(3);
      const [here, there] = way === "forward" ? ["new", "old"] : ["old", "new"];
      expect(said(waiting, step)).toMatch(/3 times in a row: .* answers PUT \/kept with 409/);
      expect(said(waiting, step)).toContain(`${first.label}: the ${here} value; http-api admin: the ${there} value`);

      const later = async () => plusMs(await stage.state.now(), 16 * 60_000);
      const never = new AbortController().signal;
      await advance({ ...stage.deps, state: { ...stage.state, now: later } }, id, never);
      const blocked = await stage.rotation(id);
      expect(blocked.block?.reason, report(blocked)).toMatchObject({
        code: "lost_race",
        hint: expect.stringContaining("a reason of its own for this answer"),
      });
      await expectSilent(world, id);

      if (way === "back") conflict = false;
      expect(await world.press(id, way === "back" ? "look-again" : "roll-back")).toBe("ok");
      const rotation = await stage.drive(id);
      expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
      expect([await first.text(), value]).toEqual([before, old]);
    },
  );
});

type Answer = { readonly status: number; readonly body: unknown };

async function servedPage(answer: (asked: { readonly method: string; readonly body: string }) => Answer) {
  const page = await servePage((asked, response) => {
    const { status, body } = answer(asked);
    json(response, status, body);
  });
  return { ...page, [Symbol.asyncDispose]: page.stop };
}
