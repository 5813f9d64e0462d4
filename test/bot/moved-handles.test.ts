import { expect, it } from "vitest";
import { movedHandles } from "../../src/bot/moved-handles.ts";

/** What `State.pin` promises: the first value stands. */
function pins() {
  const written = new Map<string, string>();
  return {
    pin: (name: string, value: string) => {
      written.set(name, written.get(name) ?? value);
      return Promise.resolve(written.get(name) ?? value);
    },
  };
}

it("a handle that means another group than at its first use is named, and the right does not move with it", async () => {
  const state = pins();
  const first = await movedHandles(state, { ids: { "@security": "S1", "#security-ops": "C1" } });
  const later = await movedHandles(state, { ids: { "@security": "S2", "#security-ops": "C1" } });

  expect(first).toEqual([]);
  expect(later).toMatchObject([
    { name: "@security", sentence: "@security meant S1 when it was first used and means S2 now" },
  ]);
});

it("an id in the catalog is the way to mean another group on purpose", async () => {
  const state = pins();
  await movedHandles(state, { ids: { "@security": "S1" } });

  expect(await movedHandles(state, { ids: { S2: "S2" } })).toEqual([]);
});
