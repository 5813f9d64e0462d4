import { explain, GiveUp } from "../errors.ts";
import { bindStore } from "../kinds.ts";
import type { BoundStore, Context } from "../ports.ts";
import { targetName } from "../target.ts";
import type { DeskDeps } from "./deps.ts";

type Deps = Pick<DeskDeps, "catalog" | "kinds" | "state" | "resolve" | "newId" | "log">;

const engine = { kind: "engine", id: "keyturn" } as const;

/**
 * Has every store of the catalog remove what earlier publishes made and nothing reads any more, where no rotation that is open
 * has its target or its place. The audit log says before it which store, and after it which objects. A store that cannot is
 * logged and passed over. Throws only when the database cannot be reached, or `signal` is aborted.
 */
export async function pruneOld(deps: Deps, signal: AbortSignal): Promise<void> {
  const seen = new Set<string>();
  for (const target of deps.catalog().catalog.targets) {
    for (const { store: kind, entry } of target.publish) {
      signal.throwIfAborted();
      const bound = bindStore(deps.kinds, { kind, entry });
      const { label, locks } = bound.shape;
      const held = await deps.state.lockHolders([`target ${targetName(target)}`, ...locks]);
      if (Object.keys(held).length > 0 || seen.has(label)) {
        continue;
      }
      seen.add(label);
      await pruneOne(deps, bound, signal);
    }
  }
}

async function pruneOne(deps: Deps, bound: BoundStore, signal: AbortSignal): Promise<void> {
  const { label } = bound.shape;
  const audit = (verb: string, detail: string) =>
    deps.state.audit({ actor: engine, verb, rotationId: undefined, detail });
  try {
    if (!(await hasOld(deps, bound, signal))) {
      return;
    }
    await audit("prune", `${label}: old versions are removed`);
    const names = await pruned(contextOf(deps, signal), bound);
    await audit("pruned", `${label}: ${names.length === 0 ? "nothing was left to remove" : names.join(", ")}`);
  } catch (error) {
    signal.throwIfAborted();
    const { code, sentence } = explain(error);
    deps.log.warn({ code, sentence, store: label }, "old versions were not removed; the next sweep tries again");
  }
}

/** Whether there is something to remove: asked without being allowed to do it, so that the audit log can be first. */
async function hasOld(deps: Deps, bound: BoundStore, signal: AbortSignal): Promise<boolean> {
  const forbidden = new GiveUp("not_yet", "something would be removed");
  try {
    await pruned(contextOf(deps, signal, forbidden), bound);
    return false;
  } catch (error) {
    if (error === forbidden) {
      return true;
    }
    throw error;
  }
}

async function pruned(context: Context, bound: BoundStore): Promise<readonly string[]> {
  const store = await bound.open(context);
  try {
    return (await store.prune?.()) ?? [];
  } finally {
    await store.close();
  }
}

/** A session of no rotation: nothing is removed while one is open, so there is no lease to lose. */
function contextOf({ newId, resolve }: Deps, signal: AbortSignal, forbidden?: GiveUp): Context {
  const id = `sweep-${newId()}`;
  const guard = (): void => {
    signal.throwIfAborted();
    if (forbidden !== undefined) {
      throw forbidden;
    }
  };
  const until = AbortSignal.any([signal, AbortSignal.timeout(60_000)]);
  return { session: { rotationId: id, epoch: 0, name: `keyturn:${id}:0`, guard }, signal: until, resolve };
}
