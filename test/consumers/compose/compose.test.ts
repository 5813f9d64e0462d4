import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { composeConsumer } from "../../../src/consumers/compose/consumer.ts";
import type { Consumer } from "../../../src/core/ports.ts";
import { runner } from "../../../src/process/run.ts";
import { consumerContract } from "../../contract/consumer.ts";
import { openConsumer } from "../../contract/consumer-world.ts";
import { type ComposeWorld, composeWorld } from "./compose-world.ts";

consumerContract({ name: "compose, on a strict stand-in for docker", makeWorld: composeWorld });

describe("the compose consumer", () => {
  it("recreates the service and nothing else, and never restarts", () =>
    withWorld(async (world, consumer) => {
      await consumer.reload("api", await world.publish());

      const effects = (await world.calls()).slice(1).filter((call) => !/^(inspect|logs) | ps /.test(call));
      expect(effects).toEqual([
        `compose -f ${join(world.folder, "compose.yml")} -p shop up -d --no-deps --force-recreate api`,
      ]);
    }));

  it("sees the old value in containers whose shell wins over the .env file", () =>
    withWorld(async (world) => {
      const consumer = await bind(world, { env: { OTHER: "x" } });
      const overridden = await bind(world, {
        variables: { APP_VALUE: "KEY_OF_THE_SHELL" },
        env: { VALUE: "from the shell" },
      });
      const expected = await world.publish();
      await overridden.reload("api", { ...expected, values: {} });

      expect((await consumer.instances(expected)).map(({ on }) => on)).toEqual(["old", "old"]);
    }));

  it("refuses an environment that would win over a store key", () =>
    withWorld(async (world) => {
      await expect(bind(world, { env: { VALUE: "x" } })).rejects.toThrow("wins over the .env file");
    }));

  it("calls a container without the variable unknown, and finds that before anything is done", () =>
    withWorld(async (world) => {
      const consumer = await bind(world, { variables: { APP_VALUE: "VALUE", NO_SUCH: "VALUE" } });

      expect(await consumer.preflight()).toMatchObject([{ severity: "error", code: "variable_missing" }]);
      await consumer.reload("api", await world.publish());
      const expected = { ...(await world.publish()), values: {} };
      expect((await consumer.instances(expected)).map(({ on }) => on)).toEqual(["unknown", "unknown"]);
    }));

  it("takes an empty variable for a key that is not there now, and one that still holds something for no answer", () =>
    withWorld(async (world) => {
      const consumer = await bind(world, { variables: { APP_VALUE: "VALUE", APP_PREVIOUS: "PREVIOUS" } });
      const states = async (lines: string) => {
        const expected = await world.publish();
        await appendFile(join(world.folder, ".env"), lines);
        await consumer.reload("api", expected);
        return (await consumer.instances(expected)).map(({ on }) => on);
      };

      expect(await states("")).toEqual(["new", "new"]);
      expect(await states("PREVIOUS=still accepted\n")).toEqual(["unknown", "unknown"]);
    }));

  it("reads the list of containers as older versions print it", () =>
    withWorld(async (world, consumer) => {
      await writeFile(join(world.folder, "old-version"), "");

      expect(await consumer.instances(await world.publish())).toMatchObject([
        { id: "api/shop-api-1", ready: true, addresses: ["172.20.0.2"] },
        { id: "api/shop-api-2", ready: true, addresses: ["172.20.0.3"] },
      ]);
    }));

  it("has zero instances when there are no containers, and says so before anything is done", () =>
    withWorld(async (world, consumer) => {
      await rm(join(world.folder, "containers.json"));

      expect(await consumer.instances(await world.publish())).toEqual([]);
      expect(await consumer.preflight()).toMatchObject([{ severity: "error", code: "no_containers" }]);
    }));

  it("a container that ended on the new value, or that docker restarts again and again, has failed; on the old one nothing is said of it", () =>
    withWorld(async (world, consumer) => {
      const expected = await world.publish();
      const failed = async (State: string, restarts = 0) => {
        await world.becomes("api/shop-api-1", { State, restarts });
        return (await consumer.instances(expected)).map((instance) => instance.failed);
      };
      expect(await failed("exited")).toEqual([undefined, undefined]);
      await consumer.reload("api", expected);

      expect(await failed("exited")).toMatchObject([
        { code: "container_ended", lines: [expect.stringContaining("listening as user_2")] },
        undefined,
      ]);
      expect(await failed("restarting", 1)).toEqual([undefined, undefined]);
      expect(await failed("restarting", 2)).toMatchObject([{ code: "container_restarts" }, undefined]);
      expect(await failed("running", 2)).toEqual([undefined, undefined]);
    }));

  it("throws when docker fails, without what it printed", () =>
    withWorld(async (world, consumer) => {
      await rm(join(world.folder, ".env"));

      const expected = {
        ref: { principal: "p", generation: "1" },
        public: {},
        values: {},
        since: "2026-01-01T00:00:00Z",
        places: {},
      };
      await expect(consumer.reload("api", expected)).rejects.toMatchObject({ code: "docker_failed" });
    }));
});

async function bind(world: ComposeWorld, change: object): Promise<Consumer> {
  const kind = composeConsumer({ runner: runner([join(world.folder, "bin")]) });
  return await openConsumer(kind.bind({ ...world.entry, ...change }));
}

async function withWorld(act: (world: ComposeWorld, consumer: Consumer) => Promise<void>): Promise<void> {
  const world = await composeWorld();
  try {
    await act(world, await openConsumer(world.bound));
  } finally {
    await world.close();
  }
}
