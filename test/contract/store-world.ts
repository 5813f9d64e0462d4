import type { BoundStore, Context, Store } from "../../src/core/ports.ts";

/** A place that is ready to be written to, made afresh for each law. */
export type StoreWorld = {
  readonly bound: BoundStore;
  /** The same kind, bound to a place that does not exist. */
  readonly missing: BoundStore;
  /** `present` and `neighbour` have values, `absent` has none. */
  readonly keys: { readonly present: string; readonly absent: string; readonly neighbour: string };
  /** Everything the place holds, exactly, ours and others'. */
  readonly everything: () => Promise<string>;
  /** What somebody else does: gives `neighbour` another value. */
  readonly editNeighbour: (value: string) => Promise<void>;
  /** What consumers do after a publish, where each makes another object: from now on they read that one. */
  readonly follow?: (place: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type Opening = { readonly epoch?: number; readonly guard?: () => void; readonly signal?: AbortSignal };

export const rotationId = "r-7f3a";

export async function openStore(bound: BoundStore, opening: Opening = {}): Promise<Store> {
  return await bound.open(contextOf(opening));
}

export function contextOf({ epoch = 1, guard = () => undefined, signal }: Opening): Context {
  return {
    session: { rotationId, epoch, name: `keyturn:${rotationId}:${epoch}`, guard },
    signal: signal ?? new AbortController().signal,
    resolve: () => Promise.reject(new Error("this world has no references")),
  };
}

/** The publish, and consumers that have followed it. */
export async function followed(
  { follow }: StoreWorld,
  publish: ReturnType<Store["publish"]>,
): ReturnType<Store["publish"]> {
  const published = await publish;
  if (published.place !== undefined) await follow?.(published.place);
  return published;
}

export async function inStoreWorld(
  makeWorld: () => Promise<StoreWorld>,
  act: (world: StoreWorld, store: Store) => Promise<void>,
): Promise<void> {
  const world = await makeWorld();
  try {
    const store = await openStore(world.bound);
    await act(world, store);
    await store.close();
  } finally {
    await world.close();
  }
}
