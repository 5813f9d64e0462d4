import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { GiveUp, LeaseLost, LostRace } from "../../src/core/errors.ts";
import { Secret } from "../../src/core/secret.ts";
import { followed, inStoreWorld, openStore, type StoreWorld } from "./store-world.ts";

export type { StoreWorld } from "./store-world.ts";

const canary = "canary-5tore-Zq8Kx2";
const fresh = (text: string): Secret => new Secret(text);

/** The laws of a Store (`src/core/ports.ts`), against a real place. Each kind's tests call this once for each of its modes. */
export function storeContract(contract: {
  readonly name: string;
  readonly fence: "fenced" | "unfenced";
  readonly makeWorld: () => Promise<StoreWorld>;
}): void {
  const inWorld = (act: Parameters<typeof inStoreWorld>[1]): Promise<void> => inStoreWorld(contract.makeWorld, act);
  const { fence } = contract;

  describe(`${contract.name} keeps the laws of a store`, () => {
    it("reads exactly the keys it is asked for, and the version does not move by looking", () =>
      inWorld(async ({ keys }, store) => {
        const reading = await store.read([keys.present, keys.absent]);

        expect(Object.keys(reading.values).toSorted()).toEqual([keys.present, keys.absent].toSorted());
        expect(reading.values[keys.present]).toBeInstanceOf(Secret);
        expect(reading.values[keys.absent]).toBeUndefined();
        expect((await store.read([keys.absent])).version).toBe(reading.version);
      }));

    it("sets the named keys, and its neighbours stay as they are", () =>
      inWorld(async (world, store) => {
        const { keys, bound } = world;
        const before = await store.read([keys.neighbour]);
        const { version, place } = await followed(
          world,
          store.publish({ [keys.present]: fresh("one"), [keys.absent]: fresh("two") }, before.version),
        );

        const after = await (await openStore(bound, { epoch: 2 })).read(Object.values(keys));
        expect([after.version, after.place]).toEqual([version, place]);
        expect(version).not.toBe(before.version);
        expect(after.values[keys.present]?.reveal()).toBe("one");
        expect(after.values[keys.absent]?.reveal()).toBe("two");
        expect(after.values[keys.neighbour]?.reveal()).toBe(before.values[keys.neighbour]?.reveal());
      }));

    it("gives everything back byte for byte when what was added is removed and what was changed is put back", () =>
      inWorld(async (world, store) => {
        const { keys, everything } = world;
        const before = await everything();
        const { version, values } = await store.read([keys.present]);
        const published = await followed(
          world,
          store.publish({ [keys.present]: fresh("one"), [keys.absent]: fresh("two") }, version),
        );

        const back = { [keys.present]: values[keys.present], [keys.absent]: undefined };
        await followed(world, store.publish(back, published.version));

        expect(await everything()).toBe(before);
      }));

    it("refuses a stale version as a lost race and changes nothing", () =>
      inWorld(async (world, store) => {
        const { keys, everything, editNeighbour } = world;
        const { version } = await store.read([keys.present]);
        await editNeighbour("another");
        const before = await everything();

        await expect(store.publish({ [keys.present]: fresh("one") }, version)).rejects.toThrow(LostRace);

        expect(await everything()).toBe(before);
        const again = await store.read([keys.neighbour]);
        await followed(world, store.publish({ [keys.present]: fresh("one") }, again.version));
        const after = await store.read([keys.present, keys.neighbour]);
        expect([after.values[keys.present]?.reveal(), after.values[keys.neighbour]?.reveal()]).toEqual([
          "one",
          "another",
        ]);
      }));

    it("writes nothing when the values are there already, and repeats an interrupted publish by saying so", () =>
      inWorld(async (world, store) => {
        const { keys, everything } = world;
        const { version } = await store.read([keys.present]);
        const patch = { [keys.present]: fresh("one"), [keys.absent]: undefined };
        const first = await followed(world, store.publish(patch, version));
        const before = await everything();

        const second = await store.publish(patch, version);

        expect(second).toEqual(first);
        expect(await everything()).toBe(before);
      }));

    it("asks for the lease before it writes, and without it changes nothing and leaves nothing behind", () =>
      inWorld(async ({ bound, keys, everything }, store) => {
        const { version } = await store.read([keys.present]);
        const before = await everything();
        const guard = (): never => {
          throw new LeaseLost();
        };
        const late = await openStore(bound, { guard });

        await expect(late.publish({ [keys.present]: fresh("one") }, version)).rejects.toThrow(LeaseLost);

        expect(await everything()).toBe(before);
      }));

    it(`answers a fence with "${fence}", twice`, () =>
      inWorld(async (_, store) => {
        expect(await store.fence()).toBe(fence);
        expect(await store.fence()).toBe(fence);
      }));

    it("says in preflight whether a late write can be kept out", () =>
      inWorld(async ({ keys }, store) => {
        const findings = await store.preflight([keys.present]);
        expect(findings.some(({ code }) => code === "unfenced")).toBe(fence === "unfenced");
      }));

    if (fence === "fenced") {
      it("keeps out an older holder that was overtaken between its last look and its write", () =>
        inWorld(async (world, store) => {
          const { bound, keys, everything } = world;
          const { version } = await store.read([keys.present]);
          const newer = await openStore(bound, { epoch: 3 });
          const overtaken = Promise.withResolvers<void>();
          // The guard is the last thing a holder does before it writes, so the newer holder's work begins inside it.
          const older = await openStore(bound, { epoch: 2, guard: () => overtaken.resolve() });
          const overtake = overtaken.promise.then(() => newer.fence());

          const [late] = await Promise.allSettled([
            followed(world, older.publish({ [keys.present]: fresh("late") }, version)),
            overtake,
          ]);
          // Either the write was first and is complete, or the fence was first and nothing of it is left.
          const { values } = await store.read([keys.present]);
          if (late.status === "fulfilled") expect(values[keys.present]?.reveal()).toBe("late");
          else expect(values[keys.present]?.reveal()).not.toBe("late");
          expect(await everything()).not.toContain("keyturn-");
        }));
    }

    it("says that the place is missing when it is", () =>
      inWorld(async ({ missing, keys }) => {
        const store = await openStore(missing);

        const error = await store.read([keys.present]).catch((thrown: unknown) => thrown);

        expect(error).toBeInstanceOf(GiveUp);
        expect(error).toMatchObject({ code: "store_missing" });
        expect((await store.preflight([keys.present])).some(({ severity }) => severity === "error")).toBe(true);
      }));

    it("looks only in preflight, and finds nothing that stops it here", () =>
      inWorld(async ({ keys, everything }, store) => {
        const before = await everything();

        const findings = await store.preflight([keys.present, keys.absent]);

        expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(await everything()).toBe(before);
      }));

    it("does nothing more once it is aborted", () =>
      inWorld(async ({ bound, keys, everything }, store) => {
        const { version } = await store.read([keys.present]);
        const before = await everything();
        const aborted = await openStore(bound, { signal: AbortSignal.abort(new Error("stopped")) });

        await expect(aborted.publish({ [keys.present]: fresh("one") }, version)).rejects.toThrow("stopped");

        expect(await everything()).toBe(before);
      }));

    it("is silent: no error, finding or shape holds a value", () =>
      inWorld(async ({ bound, keys, editNeighbour }, store) => {
        const { version } = await store.read([keys.present]);
        const first = await store.publish({ [keys.present]: fresh(canary) }, version);
        await editNeighbour(`${canary}-n`);
        const heard = [
          bound.shape,
          await store.preflight([keys.present, keys.absent]),
          await store.publish({ [keys.present]: fresh(`${canary}2`) }, first.version).catch((error: unknown) => error),
          await store.publish({ [keys.present]: fresh(`${canary}\0`) }, first.version).catch((error: unknown) => error),
          await store.read([keys.present]),
        ];

        expect(inspect(heard, { depth: 20, showHidden: true })).not.toContain(canary);
      }));
  });
}
