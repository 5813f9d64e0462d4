import { z } from "zod";
import { Duration } from "../core/duration.ts";
import { Entry, Format } from "../core/target.ts";
import { Between } from "./between.ts";

/**
 * The catalog as people write it. Descriptions become the JSON Schema that editors show. Unknown keys are mistakes. What
 * only makes sense in company (a policy's name, a template's fields) is looked at by the rules.
 */

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { error: "a name of lower-case letters, digits, - . and _" });
const people = z
  .string()
  .regex(/^(?:@[\w.-]+|[UWS][A-Z0-9]{6,})$/, { error: 'a group such as "@oncall", or an id of Slack' });
const channel = z
  .string()
  .regex(/^(?:#[^\s#]{1,80}|[CG][A-Z0-9]{6,})$/, { error: 'a channel such as "#security-ops", or its id' });

const Approval = z.strictObject({
  from: people.describe("the group whose members may approve"),
  min: z.int().min(1, { error: "at least 1" }).describe("how many different people of it"),
  else: people.exactOptional().describe("the group that is offered when this one cannot reach min"),
  fresh: z.literal("allow").exactOptional().describe("who joined the group after the request counts too"),
});

export const PolicyText = z.strictObject({
  channel: channel.describe("where approval cards are posted"),
  requesters: z
    .array(people)
    .default([])
    .describe("who may ask; default: members of the approver groups and of oncall"),
  approvals: z
    .array(Approval)
    .min(1, { error: "at least one line" })
    .describe("every line must be met, by different people"),
  oncall: people.exactOptional().describe("the group that may also hold and roll back"),
  expires: Duration.prefault("30m").describe("a request that is not approved by then is over"),
  retire: z
    .strictObject({
      between: Between,
      zone: z.string().refine(isZone, { error: "an IANA time zone such as Europe/Berlin" }),
    })
    .exactOptional()
    .describe("when old credentials may be retired, and when a cut may refuse somebody; default: at any time"),
  production: z.boolean().default(true).describe("false: one person besides the requester is enough"),
  onFailure: z.enum(["rollback", "hold"]).default("rollback").describe("what a failed verification does"),
  allowSingle: z.boolean().default(false).describe("allows rotations that refuse somebody for a while"),
  remind: Duration.prefault("1h").describe("how often a blocked rotation mentions people"),
  hold: Duration.prefault("4h").describe("after this a hold mentions its owner"),
});

const ValueText = z.union([
  z.string().describe("a template such as redis:6379,password={{password}}"),
  z.strictObject({
    template: z.string(),
    format: Format.exactOptional(),
    only: z
      .record(z.string(), z.string())
      .refine((only) => Object.keys(only).length > 0, { error: "at least one field" })
      .exactOptional()
      .describe(
        "public fields: the key is written for credentials that have these values, else it keeps what it holds",
      ),
  }),
]);

/** The part of a publish entry that belongs to the catalog; the rest is the store's. */
export const PublishText = z.looseObject({
  store: z.string().describe("the kind of the store"),
  values: z
    .record(z.string().min(1), ValueText)
    .refine((values) => Object.keys(values).length > 0, { error: "at least one key" })
    .describe("what each key of the store holds"),
  mirror: z
    .literal(true)
    .exactOptional()
    .describe("a copy that only Keyturn reads, beside a store that cannot be read: what is in use is read from it"),
});

export const TargetText = z.strictObject({
  secret: name.describe("what is rotated, as in: /rotate SECRET ENVIRONMENT"),
  environment: name,
  policy: z.string().describe("one of the policies above"),
  owner: people.describe("who is mentioned when a rotation is blocked"),
  contacts: channel.exactOptional().describe("where users of the secret are told"),
  rotator: Entry.describe("the kind of credential, and where it is made"),
  publish: z.array(PublishText).min(1, { error: "at least one store" }).describe("where applications read it"),
  consumers: z
    .union([z.literal("live"), z.array(Entry)])
    .refine((consumers) => consumers.length > 0, {
      error: "at least one workload, or live: zero consumers are never settled",
    })
    .describe('workloads that are reloaded; "live": they see a change by themselves'),
  checks: z.array(Entry).default([]).describe("what proves that it works, beside a login with the new credential"),
  grace: Duration.prefault("24h").describe("how long both credentials work"),
  graceMax: Duration.exactOptional().describe("how far use of the old one may extend the grace; default 3 x grace"),
  idle: z
    .strictObject({ kind: z.enum(["sessions", "last-used", "none"]).exactOptional(), for: Duration.exactOptional() })
    .exactOptional()
    .describe("how it is known that nobody uses the old one; default: what the rotator can see, for 10m"),
  watch: Duration.prefault("10m").describe("how long the old one stays disabled before it is revoked"),
  notice: Duration.prefault("15m").describe("how long before disable, or before a cut, people are told"),
  group: name.exactOptional().describe("targets of one group do not move at the same time"),
  byHand: z
    .array(z.string().min(1).max(200))
    .min(1)
    .exactOptional()
    .describe("what an approver or the owner tries by hand once every check has passed, and confirms with evidence"),
  standby: z
    .array(Entry)
    .min(1)
    .exactOptional()
    .describe(
      "checks of who carries the load while this target moves, such as another provider; nothing moves while one is red",
    ),
  unasked: z
    .array(z.string().min(1).max(100))
    .min(1)
    .exactOptional()
    .describe("accept-first: instances that cannot be asked; an approver or the owner confirms each phase for them"),
});

export const CatalogText = z.strictObject({
  version: z.literal(1),
  demo: z.boolean().default(false).describe("made by the demo; never for real systems"),
  connections: z
    .record(name, z.looseObject({ kind: z.string() }))
    .default({})
    .describe("systems that several targets use"),
  policies: z.record(name, PolicyText).describe("who must agree, by name"),
  targets: z.array(TargetText).min(1, { error: "at least one target" }),
  groups: z
    .record(
      z.string().regex(/^@[\w.-]+$/, { error: 'a group such as "@security"' }),
      z
        .array(z.string().regex(/^[UW][A-Z0-9]{6,}$/, { error: "the id of a person, such as U024BE7LH" }))
        .min(1, { error: "at least one person" }),
    )
    .default({})
    .describe("reviewed lists of user ids instead of user groups of Slack"),
});
export type CatalogText = z.infer<typeof CatalogText>;
export type TargetText = z.infer<typeof TargetText>;
export type PolicyText = z.infer<typeof PolicyText>;

function isZone(zone: string): boolean {
  try {
    return (
      new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "" &&
      (zone === "UTC" || zone.includes("/"))
    );
  } catch {
    return false;
  }
}
