import type { Event, EventOf } from "../src/core/events.ts";
import { headlineOf } from "../src/core/headline.ts";
import { evolve, foldRotation } from "../src/core/rotation.ts";
import type { State } from "../src/core/state.ts";

/** A rotation whose journal grows without anything being done. `move`: one step more, begun or done, the first again after the last. */
export type BusyRotation = { readonly id: string; readonly move: () => Promise<void> };

/** Writes the request, the approval, and a lease that nobody else takes. */
export async function busyRotation(state: State, id: string, requested: EventOf<"requested">): Promise<BusyRotation> {
  const { now } = state;
  const at = await now();
  const folded = foldRotation(id, [{ event: requested, seq: 1, at, epoch: 0 }]);
  if (folded === undefined) throw new Error("the request makes no rotation");
  let rotation = folded;
  await state.create(id, { events: [requested], headline: headlineOf(rotation) });
  const lease = await state.acquire(id, "bench", 600_000);
  if (lease === undefined) throw new Error("the lease is taken");
  async function append(event: Event): Promise<void> {
    if (lease === undefined) return;
    const appended = await state.append(lease, rotation.seq, { events: [event], headline: headlineOf(rotation) });
    if (appended.kind === "appended") rotation = appended.events.reduce(evolve, rotation);
  }
  await append({ type: "approved", votes: [{ by: "U0ADA", line: "@security", at }] });
  let moves = 0;
  return {
    id,
    move: async () => {
      const step = requested.plan.steps[Math.floor(moves / 2) % requested.plan.steps.length]?.id ?? "";
      await append(
        moves % 2 === 0
          ? { type: "step_started", step, attempt: 1 }
          : { type: "step_done", step, sentence: `done, move ${String(moves)}`, detail: null },
      );
      moves += 1;
    },
  };
}
