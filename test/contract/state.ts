import { afterAll, beforeAll, describe } from "vitest";
import type { State } from "../../src/core/state.ts";
import { collectLaws } from "./state-collect.ts";
import { journalLaws } from "./state-journal.ts";
import { leaseLaws } from "./state-lease.ts";
import { pressLaws } from "./state-press.ts";
import { recordLaws } from "./state-records.ts";

/** `state` and `other` are two processes' views of one database. */
export type StateWorld = AsyncDisposable & { readonly state: State; readonly other: State };

/** The laws of src/core/state.ts. An implementation passes all of them. */
export function stateContract(name: string, makeWorld: () => Promise<StateWorld>): void {
  describe(`state on ${name}`, () => {
    let world: StateWorld;
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(() => world[Symbol.asyncDispose]());
    const now = (): StateWorld => world;
    journalLaws(now);
    leaseLaws(now);
    pressLaws(now);
    collectLaws(now);
    recordLaws(now);
  });
}
