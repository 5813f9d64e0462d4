import type { Slot } from "./credential.ts";
import { inconsistent } from "./decide.ts";
import type { EngineDeps } from "./engine-ports.ts";
import { LeaseLost } from "./errors.ts";
import type { Event, StoredEvent } from "./events.ts";
import { headlineOf } from "./headline.ts";
import { openAdapters } from "./open.ts";
import type { Session } from "./ports.ts";
import { evolve, foldRotation, type Rotation } from "./rotation.ts";
import { credentialOf } from "./sealed-credential.ts";
import type { Append, Appended, Lease } from "./state.ts";

type Rest = Omit<Append, "events" | "headline">;

/** One worker's hold on one rotation: the fold, the lease that is kept alive, and the adapters opened under it. */
export type Run = {
  readonly rotation: () => Rotation;
  /** Appends under the lease. `taken` when a lock of `rest.lock` is held by another rotation; then nothing was written. */
  readonly append: (events: readonly Event[], rest?: Rest) => Promise<Appended>;
  readonly now: () => Promise<string>;
  readonly session: Session;
  /** When a holder that had not given its lease back was last overtaken: it may have had a call under way. */
  readonly overtakenAt: string | undefined;
  readonly open: ReturnType<typeof openAdapters>;
  readonly credential: (slot: Slot) => ReturnType<typeof loadCredential>;
  /** Gives the lease back. `dueInMs`: when somebody must look again even if the job for it is lost; Infinity: never by itself. */
  readonly close: (dueInMs?: number) => Promise<void>;
};

/**
 * A command needs this much lease, or its own time-out if that is shorter, before it may be sent: the heartbeat keeps
 * three quarters of the lease, so half of a short one is what can be asked for.
 */
function reserveMs(leaseMs: number): number {
  return Math.min(4_000, leaseMs / 2);
}

/**
 * Takes the lease and folds the journal. Undefined: somebody else holds the lease, or there is no such rotation. The
 * caller closes the run, whatever happens.
 */
export async function beginRun(deps: EngineDeps, rotationId: string, signal: AbortSignal): Promise<Run | undefined> {
  const taken = await deps.state.acquire(rotationId, deps.holder, deps.leaseMs);
  if (taken === undefined) {
    return undefined;
  }
  const loaded = await loadOrRelease(deps, taken);
  if (loaded === undefined) {
    return undefined;
  }
  let lease: Lease | undefined = taken;
  let rotation: Rotation = loaded;
  const pulse = deps.heartbeat(deps.leaseMs / 4, async () => {
    lease = lease === undefined ? undefined : await deps.state.renew(lease, deps.leaseMs);
  });
  function held(): Lease {
    if (lease === undefined) {
      throw new LeaseLost();
    }
    return lease;
  }
  const session: Session = {
    rotationId,
    epoch: taken.epoch,
    name: `keyturn:${rotationId}:${String(taken.epoch)}`,
    guard: (timeoutMs = reserveMs(deps.leaseMs)) => {
      const leftMs = held().untilMonotonicMs - deps.monotonicMs();
      if (leftMs < Math.min(timeoutMs, reserveMs(deps.leaseMs))) {
        throw new LeaseLost("less lease is left than one command may take");
      }
    },
  };
  const open = openAdapters(deps.kinds, rotation.plan, { session, signal, resolve: deps.resolve });
  return {
    rotation: () => rotation,
    append: async (events, rest = {}) => {
      const next = preview(rotation, events, await deps.state.now());
      const appended = await deps.state.append(held(), rotation.seq, { ...rest, events, headline: headlineOf(next) });
      if (appended.kind === "appended") {
        rotation = appended.events.reduce(evolve, rotation);
      }
      return appended;
    },
    now: deps.state.now,
    session,
    overtakenAt: taken.overtakenAt,
    open,
    credential: (slot) => loadCredential(deps, rotation, slot),
    close: async (dueInMs) => {
      pulse.stop();
      await open.close();
      if (lease !== undefined) {
        await deps.state.release(lease, dueInMs);
      }
    },
  };
}

/** A lease that is taken and cannot be used is given back at once, so that nobody has to wait until it runs out. */
async function loadOrRelease(deps: EngineDeps, lease: Lease): Promise<Rotation | undefined> {
  let rotation: Rotation | undefined;
  try {
    rotation = foldRotation(lease.rotationId, await deps.state.load(lease.rotationId));
    return rotation;
  } finally {
    if (rotation === undefined) {
      await deps.state.release(lease);
    }
  }
}

async function loadCredential(deps: EngineDeps, rotation: Rotation, slot: Slot) {
  const ref = slot === "current" ? rotation.captured?.current?.ref : rotation.pending;
  return credentialOf(ref, rotation.public[slot], await deps.state.unseal(rotation.id, slot));
}

/** The fold as it will be, for the headline that is written in the same transaction. */
function preview(rotation: Rotation, events: readonly Event[], at: string): Rotation {
  return events.reduce<Rotation>((sum, event) => evolve(sum, stored(event, sum.seq + 1, at)), rotation);
}

function stored(event: Event, seq: number, at: string): StoredEvent {
  if (event.type === "requested") {
    throw inconsistent("a rotation is requested once");
  }
  return { event, seq, at, epoch: 0 };
}
