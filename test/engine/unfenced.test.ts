import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { advance } from "../../src/core/engine.ts";
import type { Kinds } from "../../src/core/kinds.ts";
import { plusMs } from "../../src/core/time.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { type LightShop, openLightShop } from "./light-shop.ts";
import { openStage, type Stage } from "./stage.ts";
import { report } from "./story.ts";

let database: FreshDatabase;
let shop: LightShop;
let stage: Stage;
let answer: "fenced" | "unfenced";

/** The real store, but for its answer to a fence: that of a `.env` file which is mounted by itself. */
function answering(kinds: Kinds): Kinds {
  const stores = kinds.stores.map((kind) => ({
    ...kind,
    bind: (entry: unknown) => {
      const bound = kind.bind(entry);
      return {
        ...bound,
        open: async (context: Parameters<typeof bound.open>[0]) => {
          const store = await bound.open(context);
          return { ...store, fence: () => store.fence().then(() => answer) };
        },
      };
    },
  }));
  return { ...kinds, stores };
}

async function overtake(id: string): Promise<void> {
  expect(await stage.state.acquire(id, "cut off", 1)).toBeDefined();
  await expect.poll(() => stage.state.orphaned()).toContain(id);
}

const turn = (id: string, laterMs = 0) => {
  const now = async () => plusMs(await stage.state.now(), laterMs);
  const handOver = new AbortController();
  return advance({ ...stage.deps, state: { ...stage.state, now } }, id, handOver.signal);
};

describe("a store at which a late write cannot be fenced", { timeout: 120_000 }, () => {
  beforeEach(async () => {
    answer = "unfenced";
    database = await freshDatabase();
    shop = await openLightShop({ server: database.server, mode: "dual" });
    stage = await openStage({ databaseUrl: database.url, ...shop, programs: ["/usr/bin"], kinds: answering });
  });
  afterEach(async () => {
    await stage?.close();
    await shop?.close();
    await database?.[Symbol.asyncDispose]();
  });

  it("who takes over from a worker that was cut off waits one time-out, once, before it looks", async () => {
    const id = await stage.approved();
    await overtake(id);

    const first = await turn(id);
    expect(first).toMatchObject({ kind: "again" });
    expect(first.kind === "again" ? first.afterMs : 0).toBeGreaterThan(5_000);
    expect(first.kind === "again" ? first.afterMs : 0).toBeLessThanOrEqual(10_000);
    const waiting = await turn(id, 5_000);
    expect(waiting.kind === "again" ? waiting.afterMs : 0).toBeLessThanOrEqual(5_000);
    expect((await stage.rotation(id)).captured).toBeUndefined();
    const events = (await stage.state.load(id)).map(({ event }) => event);
    expect(events.filter((event) => event.type === "noted").map(({ sentence, loud }) => [sentence, loud])).toEqual([
      [expect.stringContaining("a write of its cannot be fenced here: waiting 10 s"), true],
    ]);

    await turn(id, 10_000);
    const going = await stage.rotation(id);
    expect(going.captured, report(going)).toBeDefined();
  });

  it("nobody waits where the last holder gave its lease back", async () => {
    const id = await stage.approved();
    await turn(id);
    const rotation = await stage.rotation(id);
    expect(rotation.captured, report(rotation)).toBeDefined();
  });

  it("nobody waits where a late write is kept out", async () => {
    answer = "fenced";
    const id = await stage.approved();
    await overtake(id);
    await turn(id);
    const rotation = await stage.rotation(id);
    expect(rotation.captured, report(rotation)).toBeDefined();
  });
});
