import { z } from "zod";

const Milliseconds = z.int().min(0);

/**
 * The entry of one adapter as the catalog has it: references, never values. Plain JSON, because it is stored with the plan
 * and bound again (`bind`) by whoever goes on with it.
 */
export const Entry = z.record(z.string(), z.json());
export type Entry = z.infer<typeof Entry>;

/** How a text is edited so that options which people added by hand stay; see `src/core/templates/`. */
export const Format = z.enum(["text", "url", "ado", "stackexchange", "libpq", "json", "yaml", "basic"]);
export type Format = z.infer<typeof Format>;

/**
 * What one store key holds: a template text, and its format (absent: seen from the text). With `only` the key is written for
 * credentials whose public fields have these values; for any other it keeps what it holds, so it says nothing of them.
 */
export const Value = z.strictObject({
  template: z.string(),
  format: Format.exactOptional(),
  only: z.record(z.string(), z.string()).exactOptional(),
});
export type Value = z.infer<typeof Value>;

/** Whether the key of a value is written for a credential with these public fields. */
export function isWrittenFor({ only = {} }: Value, shown: Readonly<Record<string, string>>): boolean {
  return Object.entries(only).every(([field, wanted]) => Object.hasOwn(shown, field) && shown[field] === wanted);
}

/** One place where applications read the credential, and what is written there. */
export const Publish = z.strictObject({
  /** The store's kind. */
  store: z.string(),
  /** What the store's `bind` is given: everything of the entry except `values`. */
  entry: Entry,
  /** By store key. */
  values: z.record(z.string(), Value),
});
export type Publish = z.infer<typeof Publish>;

/**
 * How it is known that nobody uses the old credential any more. `sessions`: open connections are sampled through `forMs`;
 * `last-used`: the issuer's own report; `none`: the watch after disable is the sign.
 */
const Idle = z.strictObject({ kind: z.enum(["sessions", "last-used", "none"]), forMs: Milliseconds });

/** One secret in one environment, from the catalog, defaults filled in. Stored with the plan. */
export const Target = z.strictObject({
  secret: z.string(),
  environment: z.string(),
  /** The name of its policy. */
  policy: z.string(),
  /** Who is mentioned when the rotation is blocked. */
  owner: z.string(),
  /** Where users of it are told ("#name"). */
  contacts: z.string().exactOptional(),
  /** What the rotator's `bind` is given; `kind` names the rotator. */
  rotator: Entry,
  publish: z.array(Publish).min(1),
  /** Workloads that are reloaded; "live": they see a change by themselves. `kind` names the consumer. */
  consumers: z.union([z.literal("live"), z.array(Entry).min(1)]),
  /** `kind` names the check. */
  checks: z.array(Entry),
  graceMs: Milliseconds,
  /** Use of the old credential may extend the grace up to here; then a person decides. */
  graceMaxMs: Milliseconds,
  idle: Idle,
  /** How long the old credential stays disabled, with a way back, before it is revoked. */
  watchMs: Milliseconds,
  /** How long before disable its notice must have been accepted by Slack. */
  noticeMs: Milliseconds,
  /** Targets of one group do not move at the same time. */
  group: z.string().exactOptional(),
  /** Checks of who carries the load while this target moves; nothing of it moves while one is red. `kind` names the check. */
  standby: z.array(Entry).min(1).exactOptional(),
  /** What a person tries by hand once every check has passed, because no check can. */
  byHand: z.array(z.string()).min(1).exactOptional(),
  /** accept-first: instances without an address that could be asked; a named person confirms each phase for them. */
  unasked: z.array(z.string()).min(1).exactOptional(),
});
export type Target = z.infer<typeof Target>;

/** How people and lock names call a target: "redis prod". */
export function targetName(target: Pick<Target, "secret" | "environment">): string {
  return `${target.secret} ${target.environment}`;
}
