import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { LeaseLost } from "../../src/core/errors.ts";
import type { Consumer, Expected } from "../../src/core/ports.ts";
import { type ConsumerWorld, inConsumerWorld, openConsumer, reload, until } from "./consumer-world.ts";

export type { ConsumerWorld } from "./consumer-world.ts";

/** The laws of a Consumer (`src/core/ports.ts`), against instances that run. Each kind's tests call this once for each of its modes. */
export function consumerContract(contract: {
  readonly name: string;
  readonly makeWorld: () => Promise<ConsumerWorld>;
}): void {
  const inWorld = (act: Parameters<typeof inConsumerWorld>[1]): Promise<void> =>
    inConsumerWorld(contract.makeWorld, act);
  const settled = (consumer: Consumer, expected: Expected): Promise<Awaited<ReturnType<Consumer["instances"]>>> =>
    until(
      () => consumer.instances(expected),
      (all) => all.every(({ on, ready }) => on === "new" && ready),
    );

  describe(`${contract.name} keeps the laws of a consumer`, () => {
    it("finds nothing in preflight that stops it here, and starts nothing by looking", () =>
      inWorld(async ({ publish, starts }, consumer) => {
        const before = await starts();

        const findings = await consumer.preflight();
        await consumer.units();
        await consumer.instances(await publish());

        expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(await starts()).toEqual(before);
      }));

    it("sees every instance on the old value until its unit is reloaded, and that unit only on the new one", () =>
      inWorld(async ({ publish }, consumer) => {
        const expected = await publish();
        const before = await consumer.instances(expected);
        const [first, ...rest] = await consumer.units();

        expect(before.length).toBeGreaterThan(1);
        const units = [first ?? "", ...rest];
        for (const { id } of before) expect(units.some((unit) => id === unit || id.startsWith(`${unit}/`))).toBe(true);
        expect(before.map(({ on }) => on)).toEqual(before.map(() => "old"));
        await reload(consumer, first ?? "", expected);
        if (rest.length > 0) {
          const after = await until(
            () => consumer.instances(expected),
            (all) => all.some(({ on }) => on === "new"),
          );
          expect(after.map(({ on }) => on)).toEqual(["new", ...rest.map(() => "old")]);
        }
        for (const unit of rest) await reload(consumer, unit, expected);
        expect((await settled(consumer, expected)).map(({ on, ready }) => [on, ready])).toEqual(
          before.map(() => ["new", true]),
        );
      }));

    it("does not restart what is on the new value already", () =>
      inWorld(async ({ publish, starts }, consumer) => {
        const expected = await publish();
        for (const unit of await consumer.units()) await reload(consumer, unit, expected);
        await settled(consumer, expected);
        const before = await starts();

        for (const unit of await consumer.units()) await reload(consumer, unit, expected);

        expect(await starts()).toEqual(before);
      }));

    it("never calls an instance new that does not answer", () =>
      inWorld(async ({ publish, kill }, consumer) => {
        const expected = await publish();
        for (const unit of await consumer.units()) await reload(consumer, unit, expected);
        const [first, ...rest] = await settled(consumer, expected);

        await kill(first?.id ?? "");

        const after = await until(
          () => consumer.instances(expected),
          (all) => all.some(({ ready }) => !ready),
        );
        expect(after.find(({ id }) => id === first?.id)?.ready ?? false).toBe(false);
        expect(after.filter(({ ready }) => ready)).toHaveLength(rest.length);
      }));

    it("asks for the lease before a reload, and without it restarts nothing", () =>
      inWorld(async ({ bound, publish, starts }) => {
        const expected = await publish();
        const before = await starts();
        const late = await openConsumer(bound, {
          guard: () => {
            throw new LeaseLost();
          },
        });

        for (const unit of await late.units()) await expect(late.reload(unit, expected)).rejects.toThrow(LeaseLost);

        expect(await starts()).toEqual(before);
      }));

    it("restarts nothing more once it is aborted", () =>
      inWorld(async ({ bound, publish, starts }, consumer) => {
        const expected = await publish();
        const before = await starts();
        const aborted = await openConsumer(bound, { signal: AbortSignal.abort(new Error("stopped")) });

        for (const unit of await consumer.units()) {
          await expect(aborted.reload(unit, expected)).rejects.toThrow("stopped");
        }

        expect(await starts()).toEqual(before);
      }));

    it("has zero instances when there are none", () =>
      inWorld(async ({ empty, publish }) => {
        if (empty === undefined) return;
        const consumer = await openConsumer(empty);

        expect(await consumer.instances(await publish())).toEqual([]);
      }));

    it("gives the log lines of its instances since a time, or says that they are not complete", () =>
      inWorld(async ({ publish }, consumer) => {
        const expected = await publish();
        for (const unit of await consumer.units()) await reload(consumer, unit, expected);
        await settled(consumer, expected);
        if (consumer.logs === undefined) return;

        const logs = await consumer.logs(expected.since);

        expect(logs.map(({ instance }) => instance)).toEqual((await consumer.instances(expected)).map(({ id }) => id));
        for (const { lines } of logs) {
          for (const { at } of lines)
            expect(Date.parse(at ?? expected.since)).toBeGreaterThanOrEqual(Date.parse(expected.since));
        }
        expect(logs.some(({ lines, complete }) => complete && lines.length > 0)).toBe(true);
      }));

    it("is silent: no finding, instance or error holds a value", () =>
      inWorld(async ({ bound, publish, secrets, kill }, consumer) => {
        const expected = await publish();
        const [unit = ""] = await consumer.units();
        const heard: unknown[] = [bound.shape, await consumer.preflight(), await consumer.instances(expected)];
        heard.push(await consumer.reload(unit, expected).catch((error: unknown) => error));
        const instances = await consumer.instances(expected);
        heard.push(instances);
        for (const { id } of instances) await kill(id);
        heard.push(await consumer.instances(expected));
        heard.push(await consumer.reload("no such unit", expected).catch((error: unknown) => error));

        const text = inspect(heard, { depth: 20, showHidden: true });
        expect(secrets().length).toBeGreaterThan(1);
        expect(secrets().filter((secret) => text.includes(secret))).toEqual([]);
      }));
  });
}
