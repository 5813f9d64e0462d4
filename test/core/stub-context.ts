import type { Credential, Slot } from "../../src/core/credential.ts";
import type { Event } from "../../src/core/events.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Check, Consumer, Instance, Issuer, Store, Trial, Use, Verdict } from "../../src/core/ports.ts";
import { evolve, foldRotation, type Rotation } from "../../src/core/rotation.ts";
import { Secret } from "../../src/core/secret.ts";
import type { StepContext } from "../../src/core/step.ts";
import { requested } from "./samples.ts";

/** What a step sees, to be changed while the test goes on. Times are seconds since the request. */
export type Scene = {
  seconds: number;
  check: () => Verdict;
  instances: readonly Instance[];
  uses: readonly Use[];
  trial: (slot: Slot) => Trial;
  stored: string;
  /** What the stores hold, where that is not what the plan wrote. */
  strayed: string | undefined;
  /** When Slack accepted a notice, by its name. */
  readonly notices: Map<string, string>;
  readonly rotation: () => Rotation;
  readonly events: Event[];
  readonly reloads: string[];
  /** What was disabled or revoked. */
  readonly ended: string[];
};

export const green: Verdict = { ok: true, summary: "health 200", evidence: null };
export const red: Verdict = { ok: false, summary: "health 503", evidence: null };
export const settled: Instance = {
  id: "one",
  on: "new",
  ready: true,
  detail: "",
  addresses: ["10.0.0.1"],
  clients: [],
};

/** A step in a world that the test holds in its hands: nothing outside is touched, the journal is a fold in memory. */
export function sceneOf(plan: Plan, stepId: string, before: readonly Event[]): { scene: Scene; context: StepContext } {
  let rotation: Rotation | undefined;
  const begun = Date.parse("2026-03-02T10:00:00.000Z");
  const now = () => new Date(begun + scene.seconds * 1_000).toISOString();
  const scene: Scene = {
    seconds: 0,
    check: () => green,
    instances: [settled],
    uses: [],
    trial: () => ({ verdict: "accepted", ms: 1 }),
    stored: "new",
    strayed: undefined,
    notices: new Map(),
    rotation: () => known(rotation),
    events: [],
    reloads: [],
    ended: [],
  };
  const append = (events: readonly Event[]) => {
    for (const event of events) {
      scene.events.push(event);
      const stored = { seq: known(rotation).seq + 1, at: now(), epoch: 1, event };
      rotation = evolve(known(rotation), stored);
    }
  };
  rotation = foldRotation("r1", [{ seq: 1, at: now(), epoch: 1, event: requested(plan) }]);
  append([...before, { type: "step_started", step: stepId, attempt: 1 }]);
  scene.events.length = 0;
  const step = [...plan.steps, ...plan.back].find(({ id }) => id === stepId);
  if (step === undefined) throw new Error(`no step ${stepId}`);
  const state = () => {
    const found = known(rotation).steps[stepId];
    if (found === undefined) throw new Error("not started");
    return found;
  };
  const context: StepContext = {
    rotation: () => known(rotation),
    plan,
    step,
    state,
    now: async () => now(),
    open: {
      issuer: async () => issuerOf(scene),
      stores: async () => (scene.strayed === undefined ? [] : [storeOf(scene.strayed)]),
      consumers: async () => [consumerOf(scene)],
      checks: async () => [checkOf(scene)],
      standby: async () => [],
      resolve: async () => new Secret(""),
    },
    credential: async (slot) => credentialOf(slot),
    unseal: async (): Promise<Readonly<Record<string, Secret>>> => ({ URL: new Secret(scene.stored) }),
    record: async (events) => append(events),
    effect: async (name, act) => {
      const done = state().effects[name];
      if (done?.outcomeAt !== undefined) return done.detail ?? null;
      append([{ type: "intended", step: stepId, effect: name }]);
      const { detail, events = [] } = await act();
      append([{ type: "outcome", step: stepId, effect: name, detail }, ...events]);
      return detail;
    },
    effects: async (all) => {
      for (const { name, act } of all) await context.effect(name, act);
    },
    note: async (topic, sentence, { key = sentence, detail = null, loud = false } = {}) => {
      if (state().notes[topic]?.key !== key) {
        append([{ type: "noted", step: stepId, topic, key, sentence, detail, loud }]);
      }
      return state().notes[topic]?.at ?? now();
    },
    noticed: async (name) => scene.notices.get(name),
  };
  return { scene, context };
}

function known(rotation: Rotation | undefined): Rotation {
  if (rotation === undefined) throw new Error("no rotation");
  return rotation;
}

function credentialOf(slot: Slot): Credential {
  const ref =
    slot === "current" ? { principal: "app_a", generation: "one" } : { principal: "app_b", generation: "two" };
  return { ref, public: { username: ref.principal }, secret: { password: new Secret(`password-${slot}`) } };
}

const never = (): Promise<never> => Promise.reject(new Error("this step does not call that"));

function issuerOf(scene: Scene): Issuer {
  return {
    fence: async () => "fenced",
    preflight: async () => [],
    list: async () => [],
    identify: never,
    issue: never,
    test: async ({ ref }) => scene.trial(ref.principal === "app_a" ? "current" : "pending"),
    disable: async ({ principal }) => void scene.ended.push(`disable ${principal}`),
    revoke: async ({ principal }) => void scene.ended.push(`revoke ${principal}`),
    usage: async () => scene.uses,
    close: async () => undefined,
  };
}

function storeOf(value: string): Store {
  const read = async () => ({ version: "1", values: { URL: new Secret(value) }, raw: {} });
  return { fence: async () => "fenced", preflight: async () => [], read, publish: never, close: async () => undefined };
}

function consumerOf(scene: Scene): Consumer {
  return {
    preflight: async () => [],
    units: async () => [...new Set(scene.instances.map(({ id }) => id.split("/")[0] ?? id))],
    reload: async (unit) => void scene.reloads.push(unit),
    instances: async () => scene.instances,
    close: async () => undefined,
  };
}

function checkOf(scene: Scene): Check {
  return { baseline: async () => null, run: async () => scene.check(), close: async () => undefined };
}
