import { z } from "zod";
import type { Kinds } from "../../src/core/kinds.ts";
import type { Context, Store } from "../../src/core/ports.ts";

/** What the driver writes for its workers, in a file that only it and they read. */
export const Settings = z.strictObject({
  databaseUrl: z.string(),
  folder: z.string(),
  catalog: z.string(),
  references: z.record(z.string(), z.string()),
  programs: z.array(z.string()),
  sealKey: z.string(),
  leaseMs: z.int(),
  sweepEveryMs: z.int(),
  /** What a store is called in points, by its file, where there are several. */
  storeNames: z.record(z.string(), z.string()).exactOptional(),
  place: z.union([z.object({ postgres: z.object({ connectionString: z.string() }) }), z.object({ redis: z.string() })]),
});
export type Settings = z.infer<typeof Settings>;

/**
 * The same adapters; a publish says when it begins and ends and when its lease was found good, which is the last moment
 * before the file changes.
 */
export function announcing(kinds: Kinds, names: Settings["storeNames"], pass: (point: string) => void): Kinds {
  return {
    ...kinds,
    rotators: kinds.rotators.map((kind) => ({
      ...kind,
      bind: (entry) => {
        const bound = kind.bind(entry);
        return { ...bound, open: (context) => bound.open(guarded(context, "issuer", pass)) };
      },
    })),
    stores: kinds.stores.map((kind) => ({
      ...kind,
      bind: (entry) => {
        const bound = kind.bind(entry);
        const name = names?.[AtFile.safeParse(entry).data?.file ?? ""];
        const what = name === undefined ? "publish" : `publish ${name}`;
        return {
          ...bound,
          open: async (context) => aloud(await bound.open(guarded(context, "store", pass)), what, pass),
        };
      },
    })),
  };
}

const AtFile = z.object({ file: z.string() });

function aloud(store: Store, what: string, pass: (point: string) => void): Store {
  return {
    ...store,
    publish: async (patch, expect, raw) => {
      pass(`before ${what}`);
      const written = await store.publish(patch, expect, raw);
      pass(`after ${what}`);
      return written;
    },
  };
}

function guarded(context: Context, what: string, pass: (point: string) => void): Context {
  const { session } = context;
  const guard = (timeoutMs?: number): void => {
    session.guard(timeoutMs);
    pass(`${what} guarded`);
  };
  return { ...context, session: { ...session, guard } };
}
