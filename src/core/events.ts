/**
 * The journal's events. A rotation is the fold of these and nothing else (`rotation.ts`). They carry a schema version and
 * are parsed when read; a change that old rows do not satisfy needs a new version and an upcast here.
 */
import { z } from "zod";
import { Ref } from "./credential.ts";
import { Plan } from "./plan.ts";
import type { Json } from "./ports.ts";

export const eventVersion = 1;

const actor = z.strictObject({
  kind: z.enum(["slack", "os", "engine"]),
  id: z.string(),
  team: z.string().exactOptional(),
});
const reason = z.strictObject({ code: z.string(), sentence: z.string(), hint: z.string().exactOptional() });
const json: z.ZodType<Json> = z.json();
const shown = z.record(z.string(), z.string());
const iso = z.iso.datetime();
const finding = z.strictObject({
  severity: z.enum(["error", "warning", "info"]),
  code: z.string(),
  sentence: z.string(),
  hint: z.string().exactOptional(),
  command: z.string().exactOptional(),
});

/** What is known about `current` when a rotation begins (DESIGN section 3, "The present, first"). */
export const Present = z.enum(["works", "none", "broken", "unknown"]);
export type Present = z.infer<typeof Present>;

export const Event = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("requested"),
    plan: Plan,
    digest: z.string(),
    by: actor,
    because: z.string(),
    /** Where the request was made; the thread belongs there. */
    origin: z.strictObject({ channel: z.string(), threadTs: z.string().exactOptional() }),
    /** Ids of everybody who could approve when the request was made, by line of the policy. */
    eligible: z.array(z.array(z.string())),
    /** What preflight found when the request was made; the card shows it. */
    findings: z.array(finding).exactOptional(),
    expiresAt: iso,
  }),
  z.strictObject({
    type: z.literal("approved"),
    votes: z.array(z.strictObject({ by: z.string(), line: z.string(), at: iso })),
  }),
  z.strictObject({ type: z.literal("rejected"), by: actor, because: z.string() }),
  z.strictObject({ type: z.literal("cancelled"), by: actor, reason }),
  z.strictObject({ type: z.literal("expired") }),
  /** Durable on its own before the first effect, never taken again: slots, refs, versions, baselines. Sealed beside it: the old values. */
  z.strictObject({
    type: z.literal("captured"),
    present: Present,
    current: z.strictObject({ ref: Ref, public: shown }).exactOptional(),
    listed: z.array(Ref),
    stores: z.array(
      z.strictObject({ version: z.string(), keys: z.array(z.strictObject({ key: z.string(), present: z.boolean() })) }),
    ),
    baselines: z.array(json),
    red: z.array(z.string()),
  }),
  /** The pending credential exists in memory and sealed; nothing was sent yet. */
  z.strictObject({ type: z.literal("proposed"), ref: Ref, public: shown }),
  z.strictObject({ type: z.literal("issued"), ref: Ref, public: shown }),
  z.strictObject({ type: z.literal("step_started"), step: z.string(), attempt: z.int() }),
  z.strictObject({ type: z.literal("intended"), step: z.string(), effect: z.string() }),
  z.strictObject({ type: z.literal("outcome"), step: z.string(), effect: z.string(), detail: json }),
  /** Written only when what is seen changes: a verdict, a progress, a laggard. */
  z.strictObject({
    type: z.literal("noted"),
    step: z.string(),
    topic: z.string(),
    key: z.string(),
    sentence: z.string(),
    detail: json,
    loud: z.boolean(),
  }),
  /** Somebody handed fields in over a one-time link. They wait, sealed in a slot that bears the link's id, to be tried. */
  z.strictObject({ type: z.literal("collected"), step: z.string(), by: actor, link: z.string() }),
  /** Somebody says that it is done where no program can do it. The evidence is that person's own words. */
  z.strictObject({ type: z.literal("confirmed"), step: z.string(), by: actor, evidence: z.string() }),
  z.strictObject({ type: z.literal("step_done"), step: z.string(), sentence: z.string(), detail: json }),
  z.strictObject({ type: z.literal("step_failed"), step: z.string(), reason }),
  z.strictObject({ type: z.literal("held"), by: actor, until: iso, because: z.string() }),
  z.strictObject({ type: z.literal("resumed"), by: actor }),
  z.strictObject({ type: z.literal("turned_back"), by: actor, reason }),
  z.strictObject({ type: z.literal("blocked"), step: z.string(), reason, live: z.string() }),
  z.strictObject({
    type: z.literal("unblocked"),
    by: actor,
    verb: z.enum(["look-again", "roll-back", "abandon", "confirm"]),
  }),
  z.strictObject({ type: z.literal("grace_changed"), by: actor, until: iso, reason }),
  /** A gate is skipped by the full policy. */
  z.strictObject({
    type: z.literal("overridden"),
    by: z.array(z.string()),
    verb: z.string(),
    gates: z.array(z.string()),
    digest: z.string(),
  }),
  /** Steps from `from` on are to be run again (after the old one was enabled for a laggard). */
  z.strictObject({ type: z.literal("rewound"), from: z.string(), reason }),
  z.strictObject({ type: z.literal("refused"), verb: z.string(), by: actor, reason }),
  z.strictObject({ type: z.literal("consumers_back") }),
  z.strictObject({
    type: z.literal("ended"),
    status: z.enum(["done", "rolled_back", "cancelled", "closed"]),
    sentence: z.string(),
    leftovers: z.array(z.strictObject({ ref: Ref, sentence: z.string() })),
  }),
]);
export type Event = z.infer<typeof Event>;
export type EventOf<T extends Event["type"]> = Extract<Event, { type: T }>;

/** `seq` counts from 1 without gaps; `at` is the database's clock; `epoch` is the lease under which it was written. */
export type StoredEvent = { readonly seq: number; readonly at: string; readonly epoch: number; readonly event: Event };
