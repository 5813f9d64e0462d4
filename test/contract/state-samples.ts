import { randomUUID } from "node:crypto";
import type { Event } from "../../src/core/events.ts";
import { Secret } from "../../src/core/secret.ts";
import type { Actor, Append, AuditEntry, Headline, State } from "../../src/core/state.ts";

export const ada: Actor = { kind: "slack", id: "UADA", team: "T1" };

/** An event that a test can tell from another by its sentence. */
export function eventOf(sentence: string): Event {
  return { type: "step_done", step: "verify", sentence, detail: { sentence } };
}

export function headline(id: string, change: Partial<Headline> = {}): Headline {
  return {
    id,
    secret: "redis",
    environment: "prod",
    status: "running",
    line: "rotating",
    openedAt: "2026-11-21T09:00:00.000Z",
    dueAt: undefined,
    ...change,
  };
}

export function appendOf(id: string, events: readonly Event[], rest: Partial<Append> = {}): Append {
  return { events, headline: headline(id), ...rest };
}

export function entry(rotationId: string | undefined, detail = "detail"): AuditEntry {
  return { actor: ada, verb: "test", rotationId, detail };
}

export function sealOf(slot: string, position: string, value: string): NonNullable<Append["seals"]>[number] {
  return { slot, position, value: new Secret(value) };
}

/** A new rotation with one event; its id. */
export async function created(
  state: State,
  rest: Partial<Append> = {},
  change: Partial<Headline> = {},
): Promise<string> {
  const id = `r${randomUUID().slice(0, 8)}`;
  await state.create(id, { ...appendOf(id, [eventOf("made")], rest), headline: headline(id, change) });
  return id;
}

/** The lease, or a failed test. */
export async function held(state: State, id: string, holder = "w1", ttlMs = 60_000) {
  const lease = await state.acquire(id, holder, ttlMs);
  if (lease === undefined) throw new Error(`${holder} did not get the lease of ${id}`);
  return lease;
}
