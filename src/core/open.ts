import { LeaseLost } from "./errors.ts";
import { bindCheck, bindConsumer, bindRotator, bindStore, type Kinds } from "./kinds.ts";
import type { Plan } from "./plan.ts";
import type { Check, Consumer, Context, Issuer, Store } from "./ports.ts";
import type { Open } from "./step.ts";

type Opened = Open & {
  /**
   * Makes sure, once, that no command of an older holder can take effect any more: closes its sessions, removes what it
   * prepared. "unfenced" when that is out of reach in one of the places. `stores`: "each" when one that cannot be fenced must
   * not keep the others waiting; nobody then looks or acts there in this run.
   */
  readonly fence: (stores?: "all" | "each") => Promise<"fenced" | "unfenced">;
  /** Closes whatever was opened. Never throws. */
  readonly close: () => Promise<void>;
};

type Adapters = Pick<Plan, "rotator" | "publishes" | "consumers" | "checks" | "standby">;

/** The adapters of a plan, each opened at its first use and once, under the session of `context`. */
export function openAdapters(kinds: Kinds, plan: Adapters, context: Context): Opened {
  const issuer = once<Issuer>(async () => bindRotator(kinds, plan.rotator).open(context));
  const stores = once<readonly Store[]>(() =>
    inOrder(plan.publishes, (entry) => bindStore(kinds, entry).open(context).catch(outOfReach)),
  );
  const entries = plan.consumers === "live" ? [] : plan.consumers;
  const consumers = once<readonly Consumer[]>(() =>
    inOrder(entries, (entry) => bindConsumer(kinds, entry).open(context)),
  );
  const checks = once<readonly Check[]>(() => inOrder(plan.checks, (entry) => bindCheck(kinds, entry).open(context)));
  const standby = once<readonly Check[]>(() =>
    inOrder(plan.standby ?? [], (entry) => bindCheck(kinds, entry).open(context)),
  );
  const doubtful = new Map<number, Store>();
  let fenced: "fenced" | "unfenced" | undefined;
  const fenceAll = async (reach: "all" | "each"): Promise<"fenced" | "unfenced"> => {
    const answers = [await (await issuer.get()).fence()];
    for (const [index, store] of (await stores.get()).entries()) {
      try {
        answers.push(await store.fence());
      } catch (error) {
        if (reach === "all") {
          throw error;
        }
        doubtful.set(index, outOfReach(error));
      }
    }
    return answers.includes("unfenced") ? "unfenced" : "fenced";
  };
  return {
    issuer: issuer.get,
    stores: async () => (await stores.get()).map((store, index) => doubtful.get(index) ?? store),
    consumers: consumers.get,
    checks: checks.get,
    standby: standby.get,
    resolve: context.resolve,
    fence: async (reach = "all") => {
      fenced ??= await fenceAll(reach);
      return fenced;
    },
    close: async () => {
      const many = [stores, consumers, checks, standby].flatMap((each): readonly { close: () => Promise<void> }[] => [
        ...(each.seen() ?? []),
      ]);
      const opened = [issuer.seen(), ...many];
      await Promise.allSettled(opened.flatMap((each) => (each === undefined ? [] : [each.close()])));
    },
  };
}

/** One place that cannot be opened or fenced keeps no other one waiting: whoever looks or acts there hears why. */
function outOfReach(error: unknown): Store {
  if (error instanceof LeaseLost) {
    throw error;
  }
  const refuse = (): Promise<never> => Promise.reject(error);
  return { fence: refuse, preflight: refuse, read: refuse, publish: refuse, close: () => Promise.resolve() };
}

async function inOrder<E, T>(entries: readonly E[], open: (entry: E) => Promise<T>): Promise<readonly T[]> {
  const opened: T[] = [];
  for (const entry of entries) {
    opened.push(await open(entry));
  }
  return opened;
}

function once<T>(make: () => Promise<T>): { readonly get: () => Promise<T>; readonly seen: () => T | undefined } {
  let value: T | undefined;
  return {
    get: async () => {
      value ??= await make();
      return value;
    },
    seen: () => value,
  };
}
