import { describe, expect, it } from "vitest";
import { GiveUp, TryLater } from "../../src/core/errors.ts";
import type { Event } from "../../src/core/events.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Store } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import type { StepContext } from "../../src/core/step.ts";
import { runPublish } from "../../src/core/steps/publish.ts";
import { seenInStores } from "../../src/core/stored.ts";
import { approved, begun, done, planOf } from "./samples.ts";
import { sceneOf } from "./stub-context.ts";

type Held = Readonly<Record<string, string>>;
type Fake = { held: Held; readonly store: Store; fails: () => void; refuses: boolean; writes: number };

/** A place in memory; `fails` is called before a write. */
function fake(held: Held): Fake {
  const made: Fake = {
    held,
    fails: () => undefined,
    refuses: false,
    writes: 0,
    store: {
      fence: async () => "fenced",
      preflight: async () => (made.refuses ? [{ severity: "error", code: "no_right", sentence: "not writable" }] : []),
      read: async (keys) => ({
        version: "1",
        values: Object.fromEntries(keys.map((key) => [key, secret(made.held[key])])),
      }),
      publish: async (patch) => {
        made.fails();
        made.writes += 1;
        const shown = Object.entries(patch).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, value.reveal()]],
        );
        made.held = Object.fromEntries([...Object.entries(made.held).filter(([key]) => !(key in patch)), ...shown]);
        return { version: "2" };
      },
      close: async () => undefined,
    },
  };
  return made;
}

function secret(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}

/** The step in a world of these places; `seals` by slot. */
function world(
  plan: Plan,
  step: string,
  before: readonly Event[],
  fakes: readonly Fake[],
  seals: Readonly<Record<string, Held>>,
) {
  const { scene, context } = sceneOf(plan, step, before);
  const unseal: StepContext["unseal"] = async (slot) =>
    Object.fromEntries(Object.entries(seals[slot] ?? {}).map(([key, value]) => [key, new Secret(value)]));
  const stores = async () => fakes.map(({ store }) => store);
  return { scene, context: { ...context, unseal, open: { ...context.open, stores } } };
}

const label = ["env-file one", "env-file two"] as const;
const keys = { URL: { template: "{{password}}" } };
const two = label.map((each) => ({ kind: "env-file", entry: {}, label: each, values: keys }));
const seals = {
  "before:0": { URL: "old" },
  "written:0": { URL: "new" },
  "before:1": { URL: "old" },
  "written:1": { URL: "new" },
};
const by = { kind: "engine", id: "keyturn" } as const;
const reason = { code: "check_red", sentence: "red" };
const turned: Event = { type: "turned_back", by, reason };
const wrote = [...begun("publish", "publish:0"), ...begun("publish", "publish:1").slice(1)];

async function thrownBy(context: StepContext): Promise<unknown> {
  return runPublish(context).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("the way back over several stores", () => {
  it("waits for what may pass, and asks a person when that does not while something else is final", async () => {
    const fakes = [fake({ URL: "new" }), fake({ URL: "new" }), fake({ URL: "new" })];
    const third = { ...two[0], kind: "env-file", entry: {}, values: keys, label: "env-file three" };
    const plan = { ...planOf(), publishes: [...two, third] };
    const more = { ...seals, "before:2": { URL: "old" }, "written:2": { URL: "new" } };
    const { scene, context } = world(plan, "back-publish", [approved, ...wrote, turned], fakes, more);
    const [one, away, last] = fakes;
    if (one === undefined || away === undefined || last === undefined) throw new Error("three places");
    one.refuses = true;
    away.fails = () => {
      throw new TryLater("away", "no answer", { afterMs: 700 });
    };

    const sentence = `env-file one: not writable; env-file two: no answer; seen in the stores: env-file one: the new value; env-file two: the new value; env-file three: the old value`;
    const first = await thrownBy(context);
    expect(first).toMatchObject({ code: "away", message: sentence, afterMs: 700 });
    expect(first).toBeInstanceOf(TryLater);
    expect(last.held).toEqual({ URL: "old" });
    scene.seconds = 61;
    const second = await thrownBy(context);
    expect(second).toMatchObject({ code: "no_right", message: sentence });
    expect(second).toBeInstanceOf(GiveUp);

    one.refuses = false;
    away.fails = () => undefined;
    expect((await runPublish(context)).kind).toBe("done");
    expect(fakes.map(({ held, writes }) => [held["URL"], writes])).toEqual([
      ["old", 1],
      ["old", 1],
      ["old", 1],
    ]);
  });

  it.each([
    ["begins a second cut only where all can be written", done("issue"), "new"],
    [
      "puts back what it can where the issuer has refused the cut",
      [...begun("issue"), { type: "step_failed", step: "issue", reason } as const],
      "old",
    ],
  ] as const)("%s", async (_what, issued, held) => {
    const fakes = [fake({ URL: "new" }), fake({ URL: "new" })] as const;
    const plan = { ...planOf({ overlap: "single" }), publishes: two };
    const { context } = world(plan, "back-publish", [approved, ...wrote, ...issued, turned], fakes, seals);
    fakes[1].refuses = true;
    expect(await thrownBy(context)).toMatchObject({
      code: "no_right",
      message: `env-file two: not writable; seen in the stores: env-file one: the ${held} value; env-file two: the new value`,
    });
    expect(fakes.map(({ held: { URL } }) => URL)).toEqual([held, "new"]);
  });
});

describe("what stores were seen to hold", () => {
  it("is said in words for both variables, for each key where they differ, and where nothing can be read", async () => {
    const values = { KEY: { template: "{{key}}" }, LAST: { template: "{{accepted.key}}" } };
    const places = ["a", "b", "c", "d", "e"].map((name) => ({ kind: "env-file", entry: {}, label: name, values }));
    const [first] = places;
    if (first === undefined) throw new Error("a place");
    const unread = { ...first, label: "f", readable: false as const };
    const plan = { ...planOf({ overlap: "accept-first", triedAt: "consumer" }), publishes: [...places, unread] };
    const known = places.flatMap((_, index) => [
      [`before:${String(index)}`, { KEY: "old" }],
      [`written current+pending:${String(index)}`, { KEY: "old", LAST: "new" }],
      [`written pending+current:${String(index)}`, { KEY: "new", LAST: "old" }],
    ]);
    const fakes = [
      fake({ KEY: "old" }),
      fake({ KEY: "old", LAST: "new" }),
      fake({ KEY: "new", LAST: "old" }),
      fake({ KEY: "new", LAST: "eve" }),
      fake({ KEY: "eve" }),
      fake({}),
    ];
    const written = begun("publish-2", "publish:5");
    const { context } = world(plan, "publish", [approved, ...written], fakes, Object.fromEntries(known));
    expect(await seenInStores(context)).toBe(
      [
        "seen in the stores: a: the old value",
        "b: the old value and the new one accepted beside it",
        "c: the new value and the old one accepted beside it",
        "d: KEY what this rotation wrote, LAST somebody else's value",
        "e: KEY somebody else's value, LAST what it held before",
        "f: cannot be read back, the new value may have been written last",
      ].join("; "),
    );
  });

  it("is nothing where there was nothing before, and names a key that was taken away", async () => {
    const fakes = [fake({}), fake({})] as const;
    const plan = { ...planOf({ present: "none" }), publishes: two };
    const { context } = world(plan, "publish", [approved], fakes, {
      "before:1": { URL: "old" },
      "written:1": { URL: "new" },
    });
    const captured: Event = { type: "captured", present: "none", listed: [], stores: [], baselines: [], red: [] };
    await context.record([captured]);
    expect(await seenInStores(context)).toBe(
      "seen in the stores: env-file one: nothing, as before; env-file two: nothing",
    );
  });
});
