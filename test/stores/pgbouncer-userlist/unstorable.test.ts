import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { openStore } from "../../contract/store-world.ts";
import { userlistWorld } from "./userlist-world.ts";

describe("a value that somebody else made", () => {
  it.each([
    ["a line end", "two\nlines", "present"],
    ["what has to be doubled", 'a"b', undefined],
    ["letters beyond ASCII, which generated values never hold", "gr\u00fcn", undefined],
  ])("is judged before it is written: %s", async (_what, value, unstorable) => {
    const world = await userlistWorld('"present" "old"\n"neighbour" "his"\n');
    try {
      const store = await openStore(world.bound);
      const before = await world.everything();
      expect(await store.unstorable?.({ present: new Secret(value) })).toBe(unstorable);
      expect(await world.everything()).toBe(before);
      const { version } = await store.read(["present"]);
      const written = store.publish({ present: new Secret(value) }, version);
      await (unstorable === undefined
        ? expect(written).resolves.toBeDefined()
        : expect(written).rejects.toMatchObject({ code: "value_not_storable" }));
    } finally {
      await world.close();
    }
  });
});
