import { TryLater } from "../../src/core/errors.ts";
import type { BoundConsumer, Consumer, Context, Expected } from "../../src/core/ports.ts";

/** A workload with at least two instances that really run, made afresh for each law. */
export type ConsumerWorld = {
  readonly bound: BoundConsumer;
  /** The same kind without any instance; undefined where that cannot be. */
  readonly empty?: BoundConsumer;
  /** Publishes the next value, and answers what instances should run on from now. */
  readonly publish: () => Promise<Expected>;
  /** How often each unit was started so far. */
  readonly starts: () => Promise<Readonly<Record<string, number>>>;
  /** Ends one instance from outside, so that it answers nobody. */
  readonly kill: (instance: string) => Promise<void>;
  /** Texts that nothing may show. */
  readonly secrets: () => readonly string[];
  readonly close: () => Promise<void>;
};

export type Opening = { readonly epoch?: number; readonly guard?: () => void; readonly signal?: AbortSignal };

export async function openConsumer(bound: BoundConsumer, opening: Opening = {}): Promise<Consumer> {
  return await bound.open(consumerContext(opening));
}

export function consumerContext({ epoch = 1, guard = () => undefined, signal }: Opening): Context {
  return {
    session: { rotationId: "r-7f3a", epoch, name: `keyturn:r-7f3a:${epoch}`, guard },
    signal: signal ?? new AbortController().signal,
    resolve: () => Promise.reject(new Error("this world has no references")),
  };
}

export async function inConsumerWorld(
  makeWorld: () => Promise<ConsumerWorld>,
  act: (world: ConsumerWorld, consumer: Consumer) => Promise<void>,
): Promise<void> {
  const world = await makeWorld();
  try {
    const consumer = await openConsumer(world.bound);
    await act(world, consumer);
    await consumer.close();
  } finally {
    await world.close();
  }
}

/**
 * Reloads as the engine does: told to try later, it asks again. On a cluster others write a workload too, its status for
 * one, and a reload that came between two of their writes is to be asked once more.
 */
export async function reload(consumer: Consumer, unit: string, expected: Expected): Promise<void> {
  const isDone = async (): Promise<boolean> => {
    try {
      await consumer.reload(unit, expected);
      return true;
    } catch (error) {
      if (error instanceof TryLater) return false;
      throw error;
    }
  };
  if (!(await until(isDone, (done) => done))) throw new Error(`${unit} could not be reloaded`);
}

/** Instances become what they are to be some time after a reload; the engine looks again, and so do the laws. */
export async function until<T>(look: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const value = await look();
    if (holds(value) || attempt === 200) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
