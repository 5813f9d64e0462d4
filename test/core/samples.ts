import { type Answers, compose } from "../../src/core/algebra.ts";
import type { Event, Present, StoredEvent } from "../../src/core/events.ts";
import type { Cause, PinnedPolicy, Plan } from "../../src/core/plan.ts";
import { foldRotation, type Rotation } from "../../src/core/rotation.ts";
import type { Vote } from "../../src/core/state.ts";

export const start = "2026-03-02T10:00:00.000Z";

export function at(seconds: number): string {
  return new Date(Date.parse(start) + seconds * 1_000).toISOString();
}

export const policy: PinnedPolicy = {
  name: "prod",
  channel: { id: "C-SEC", name: "#security-ops" },
  requesters: [{ label: "@oncall" }, { label: "@security" }],
  approvals: [
    { from: { label: "@security" }, min: 1, fresh: false },
    { from: { label: "@oncall" }, min: 1, fresh: false, else: { label: "@leads" } },
  ],
  oncall: { label: "@oncall" },
  production: true,
  onFailure: "rollback",
  expiresMs: 1_800_000,
  remindMs: 3_600_000,
  holdMs: 14_400_000,
};

type Wanted = {
  readonly overlap?: Answers["overlap"];
  readonly triedAt?: Answers["triedAt"];
  readonly usage?: Answers["usage"];
  readonly disable?: boolean;
  readonly present?: Present;
  readonly cause?: Cause;
  readonly policy?: PinnedPolicy;
};

/** A plan as the desk would make it, with the steps that follow from the answers. */
export function planOf(wanted: Wanted = {}): Plan {
  const { overlap = "dual", triedAt = "issuer", usage = "sessions", disable = true } = wanted;
  const { present = "works", cause = "routine" } = wanted;
  const rotator: Plan["rotator"] = {
    kind: "postgres-role",
    entry: { kind: "postgres-role" },
    overlap,
    origin: "proposed",
    triedAt,
    usage,
    disable,
    refusals: true,
    closeSession: true,
    issueWithinMs: 0,
    deadWithinMs: 0,
    fields: { username: "public", password: "secret" },
    words: { issue: "", retire: "", proof: "" },
  };
  return {
    format: 1,
    secret: "postgres",
    environment: "prod",
    owner: "@platform",
    cause,
    policy: wanted.policy ?? policy,
    rotator,
    ...(present === "none" ? {} : { current: { principal: "app_a", generation: "one" } }),
    present,
    publishes: [{ kind: "env-file", entry: {}, label: "env-file .env", values: { URL: { template: "{{password}}" } } }],
    consumers: [{ kind: "command", entry: {}, label: "command shop" }],
    checks: [{ kind: "http", entry: {}, label: "http health", settleMs: 0 }],
    locks: ["target postgres prod"],
    movingLocks: [],
    alphabet: "abc",
    graceMs: cause === "leaked" ? 0 : 3_600_000,
    graceMaxMs: 10_800_000,
    noticeMs: 0,
    idleForMs: 600_000,
    watchMs: 600_000,
    red: [],
    ...compose({ ...rotator, present: present === "unknown" ? "works" : present }),
  };
}

/** The same for a pair that a person brings from a portal and revokes there. */
export function handedInPlan(wanted: Wanted = {}): Plan {
  const plan = planOf({ ...wanted, usage: "none", disable: false });
  const rotator: Plan["rotator"] = {
    ...plan.rotator,
    kind: "handed-in-key",
    origin: "handed-in",
    revokeBy: "person",
    fields: { key: "public", password: "secret" },
  };
  return { ...plan, rotator, ...compose({ ...rotator, present: "works" }) };
}

export function requested(plan: Plan = planOf()): Event {
  return {
    type: "requested",
    plan,
    digest: "digest-one",
    by: { kind: "slack", id: "U-olivia", team: "T1" },
    because: "",
    origin: { channel: "C1" },
    eligible: [["U-ada"], ["U-lin"]],
    expiresAt: at(1_800),
  };
}

/** The fold of these events, one second apart. */
export function rotationOf(events: readonly Event[], plan: Plan = planOf()): Rotation {
  const stored = [requested(plan), ...events].map(
    (event, index): StoredEvent => ({ seq: index + 1, at: at(index), epoch: 1, event }),
  );
  const rotation = foldRotation("r1", stored);
  if (rotation === undefined) throw new Error("an empty journal");
  return rotation;
}

export const approved: Event = { type: "approved", votes: [] };

/** The events of a step that had its effect and is done. */
export function done(step: string, effect = step): readonly Event[] {
  return [...begun(step, effect), { type: "outcome", step, effect, detail: null }, ended(step)];
}

/** The events of a step whose effect may have happened: nobody knows. */
export function begun(step: string, effect = step): readonly Event[] {
  return [
    { type: "step_started", step, attempt: 1 },
    { type: "intended", step, effect },
  ];
}

function ended(step: string): Event {
  return { type: "step_done", step, sentence: `${step} is done`, detail: null };
}

export function voteOf(voter: string, more: Partial<Vote> = {}): Vote {
  const actor = { kind: "slack", id: voter, team: "T1" } as const;
  return { rotationId: "r1", actor, decision: "approve", digest: "digest-one", subject: "plan", at: at(1), ...more };
}
