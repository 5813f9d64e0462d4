import { compose } from "../../src/core/algebra.ts";
import type { Event, StoredEvent } from "../../src/core/events.ts";
import { Plan } from "../../src/core/plan.ts";
import { foldRotation, type Rotation } from "../../src/core/rotation.ts";

export const rotationId = "r4f1c09ab21";
export const digest = "3f9a1c5577aa".padEnd(64, "0");
const ada = { kind: "slack" as const, id: "U0ADA", team: "T0SANDBOX" };
const olivia = { kind: "slack" as const, id: "U0OLIVIA", team: "T0SANDBOX" };
const engine = { kind: "engine" as const, id: "keyturn" };

/** A plan for `redis prod` whose groups and channels are those of the demo workspace. */
export function samplePlan(change: Partial<Plan> = {}): Plan {
  const shape = { overlap: "dual", origin: "proposed", triedAt: "issuer", disable: true, usage: "sessions" } as const;
  return Plan.parse({
    format: 1,
    secret: "redis",
    environment: "prod",
    owner: "@platform",
    cause: "routine",
    policy: {
      name: "prod",
      channel: { id: "C0SECOPS", name: "#security-ops" },
      requesters: [{ label: "@oncall", groupId: "S0ONCALL" }],
      approvals: [
        { from: { label: "@security", groupId: "S0SECURITY" }, min: 1, fresh: false },
        { from: { label: "@oncall", groupId: "S0ONCALL" }, min: 1, fresh: true },
      ],
      oncall: { label: "@oncall", groupId: "S0ONCALL" },
      production: true,
      onFailure: "rollback",
      expiresMs: 1_800_000,
      remindMs: 3_600_000,
      holdMs: 14_400_000,
    },
    rotator: {
      kind: "redis-acl",
      entry: { kind: "redis-acl" },
      ...shape,
      refusals: true,
      closeSession: true,
      issueWithinMs: 0,
      deadWithinMs: 0,
      fields: { username: "public", password: "secret" },
      words: {
        issue: "a second password is added to the user app",
        retire: "the old password is removed",
        proof: "the old password is refused with WRONGPASS",
      },
    },
    current: { principal: "app", generation: "a1" },
    present: "works",
    publishes: [
      {
        kind: "env-file",
        entry: {},
        label: "env-file /srv/app/.env",
        values: { REDIS_URL: { template: "redis://{{username}}:{{password}}@redis" } },
      },
    ],
    consumers: [{ kind: "command", entry: {}, label: "command app" }],
    checks: [{ kind: "http", entry: {}, label: "http /health", settleMs: 15_000 }],
    locks: [],
    movingLocks: [],
    alphabet: "abc",
    graceMs: 86_400_000,
    graceMaxMs: 3 * 86_400_000,
    noticeMs: 900_000,
    idleForMs: 600_000,
    watchMs: 600_000,
    red: [],
    ...compose({ ...shape, present: change.present ?? "works" }),
    ...change,
  });
}

export function requested(
  change: { plan?: Partial<Plan>; because?: string; origin?: { channel: string; threadTs?: string } } = {},
): Event {
  return {
    type: "requested",
    plan: samplePlan(change.plan),
    digest,
    by: olivia,
    because: change.because ?? "it is 90 days old",
    origin: change.origin ?? { channel: "C0SUPPORT" },
    eligible: [
      ["U0ADA", "U0GRACE"],
      ["U0OLIVIA", "U0LIN"],
    ],
    expiresAt: "2026-11-21T10:00:00.000Z",
  };
}

export const approved: Event = {
  type: "approved",
  votes: [
    { by: "U0ADA", line: "@security", at: "2026-11-21T09:35:00.000Z" },
    { by: "U0LIN", line: "@oncall", at: "2026-11-21T09:36:00.000Z" },
  ],
};

/** A whole forward journey, as the engine writes it. */
export function journey(first: Event = requested()): readonly Event[] {
  const done = (step: string, sentence: string): Event[] => [
    { type: "step_started", step, attempt: 1 },
    { type: "step_done", step, sentence, detail: null },
  ];
  return [
    first,
    approved,
    ...done("preflight", "looked again: current credential works, nothing has changed since the request"),
    ...done("issue", "new credential issued (app)"),
    ...done("test", "test login with the new credential passed, with every published value (12 ms)"),
    ...done("publish", "published to env-file /srv/app/.env, 1 key, version 8123 -> 8131"),
    ...done("rollout", "rolled out: command app 2 of 2, all on the new value"),
    ...done("verify", "verified: health 200 redis=healthy (3 in a row)"),
    { type: "step_started", step: "grace", attempt: 1 },
    {
      type: "grace_changed",
      by: engine,
      until: "2026-11-22T09:40:00.000Z",
      reason: { code: "grace_begins", sentence: "every consumer has settled on the new credential" },
    },
    {
      type: "step_done",
      step: "grace",
      sentence: "grace is over; both credentials worked until 2026-11-22T09:40:00.000Z",
      detail: null,
    },
    ...done("recheck", "every gate is open, looked at afresh"),
    { type: "step_started", step: "idle", attempt: 1 },
    {
      type: "noted",
      step: "idle",
      topic: "uses",
      key: "10.0.3.7",
      sentence: "old credential: 1 connection is older than the publish (10.0.3.7, since 2026-11-21T09:12:00.000Z)",
      detail: null,
      loud: true,
    },
    {
      type: "step_done",
      step: "idle",
      sentence: "nobody has used the old credential since 2026-11-22T09:41:00.000Z",
      detail: null,
    },
    ...done("disable", "old credential disabled; it can still be enabled again"),
    ...done("watch", "watched since 2026-11-22T09:55:00.000Z: no instance of the plan was refused"),
    ...done("recheck-2", "every gate is open, looked at afresh"),
    ...done("revoke", "old credential revoked"),
    ...done("prove", "proved: old credential refused (WRONGPASS; accepted by the same probe before), new accepted"),
    {
      type: "ended",
      status: "done",
      sentence: "proved: old credential refused (WRONGPASS; accepted by the same probe before), new accepted",
      leftovers: [],
    },
  ];
}

/** One event of every other kind, for views that must know them all. */
export const oddEvents: readonly Event[] = [
  { type: "rejected", by: ada, because: "not before the weekend" },
  { type: "cancelled", by: olivia, reason: { code: "cancelled", sentence: "cancelled before it was approved" } },
  { type: "expired" },
  { type: "held", by: ada, until: "2026-11-21T13:30:00.000Z", because: "a release is running" },
  { type: "resumed", by: ada },
  { type: "turned_back", by: ada, reason: { code: "asked", sentence: "a person asked to roll back" } },
  {
    type: "blocked",
    step: "idle",
    reason: {
      code: "still_used",
      sentence: "the old credential is still used",
      hint: "restart who is named, then press Look again",
    },
    live: "the old credential (app) works; the new one (app) was issued",
  },
  { type: "unblocked", by: ada, verb: "look-again" },
  {
    type: "grace_changed",
    by: ada,
    until: "2026-11-23T09:40:00.000Z",
    reason: { code: "extended", sentence: "a person extended the grace" },
  },
  { type: "overridden", by: ["U0ADA", "U0LIN"], verb: "retire-now", gates: ["grace", "window", "notice"], digest },
  {
    type: "rewound",
    from: "grace",
    reason: {
      code: "laggard",
      sentence: "app-2 was refused with the old credential; the old credential works again and the rotation waits",
      hint: "restart who is named",
    },
  },
  { type: "refused", verb: "hold", by: ada, reason: { code: "not_holdable", sentence: "it is held already" } },
  {
    type: "step_failed",
    step: "verify",
    reason: { code: "check_red", sentence: "http /health: 503", hint: "the thread shows what was seen" },
  },
  { type: "consumers_back" },
  {
    type: "ended",
    status: "closed",
    sentence: "abandoned by the full policy; what was left alive is listed",
    leftovers: [{ ref: { principal: "app", generation: "a1" }, sentence: "the old credential (app) was not revoked" }],
  },
];

export function stored(events: readonly Event[]): readonly StoredEvent[] {
  return events.map((event, index) => ({
    event,
    seq: index + 1,
    epoch: 1,
    at: new Date(Date.UTC(2026, 10, 21, 9, 30, index)).toISOString(),
  }));
}

export function rotationOf(events: readonly Event[]): Rotation {
  const rotation = foldRotation(rotationId, stored(events));
  if (rotation === undefined) throw new Error("no events");
  return rotation;
}
