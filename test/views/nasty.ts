import fc from "fast-check";
import type { Event } from "../../src/core/events.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Finding } from "../../src/core/ports.ts";
import { approved, journey, oddEvents, requested, samplePlan } from "./sample.ts";

/** What somebody would write to ring people, to make links, to break out of a token, or to turn the text round. */
const attacks = [
  "<!channel>",
  "<!here|x>",
  "<@U0EVIL>",
  "<!subteam^S0EVIL>",
  "<#C0EVIL>",
  "<https://evil.example|ok>",
  "<!date^1^{date}|x>",
  "&lt;!channel&gt;",
  "*b* _i_ ~s~ `c`",
  "\u202e",
  "\u200b",
  "\n",
  "|",
  ">",
  "{{x}}",
  "💥",
  "\ud800",
  "2026-11-21T09:12:00.000Z",
  "https://evil.example",
  "“”",
];

/** A text of any length and any content. */
export const nasty: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...attacks), fc.string({ maxLength: 30 })), { maxLength: 8 })
    .map((parts) => parts.join("")),
  fc
    .tuple(fc.constantFrom(...attacks, "a", "&", "<", "語"), fc.integer({ min: 1, max: 4_000 }))
    .map(([part, times]) => part.repeat(times).slice(0, 4_000)),
  fc.string({ unit: "binary", maxLength: 60 }),
);

const many = <T>(each: fc.Arbitrary<T>, most: number) => fc.array(each, { maxLength: most });

/** A plan whose every text is hostile, with as many parts as nobody would write. */
const plan: fc.Arbitrary<Partial<Plan>> = fc
  .record({
    names: fc.tuple(nasty, nasty, nasty, nasty, nasty, nasty),
    labels: many(nasty, 40),
    keys: many(nasty, 20),
    red: many(nasty, 20),
    cause: fc.constantFrom("routine" as const, "leaked" as const),
    present: fc.constantFrom("works" as const, "none" as const, "broken" as const),
    ms: fc.integer({ min: 0, max: 10_000_000_000 }),
  })
  .map(({ names: [secret, environment, owner, issue, retire, cut], labels, keys, red, cause, present, ms }) => {
    const base = samplePlan({ present });
    const template = { template: "x" };
    return {
      ...base,
      secret,
      environment,
      owner,
      cause,
      red,
      graceMs: ms,
      graceMaxMs: ms,
      watchMs: ms,
      rotator: { ...base.rotator, words: { issue, retire, proof: cut, cut } },
      publishes: labels.map((label) => ({
        kind: "env-file",
        entry: {},
        label,
        values: Object.fromEntries(keys.map((key) => [key, template])),
      })),
      consumers:
        labels.length % 2 === 0 ? ("live" as const) : labels.map((label) => ({ kind: "command", entry: {}, label })),
      checks: labels.map((label) => ({ kind: "http", entry: {}, label, settleMs: 1 })),
    };
  });

/** A rotation's events, in an order that may never happen, with hostile words in each sentence. */
export const hostileEvents: fc.Arbitrary<readonly Event[]> = fc
  .tuple(
    plan,
    nasty,
    nasty,
    fc.array(fc.constantFrom(...journey().slice(1), ...oddEvents), { maxLength: 60 }),
    fc.constantFrom(undefined, "1.2"),
    fc.boolean(),
  )
  .map(([change, because, words, events, threadTs, begun]) => {
    const first = requested({
      plan: change,
      because,
      origin: threadTs === undefined ? { channel: "C0SUPPORT" } : { channel: "C0SUPPORT", threadTs },
    });
    return [first, ...(begun ? [approved] : []), ...events.map((event) => reworded(event, words))];
  });

export const findings: fc.Arbitrary<readonly Finding[]> = many(
  fc.record({
    severity: fc.constantFrom("error" as const, "warning" as const, "info" as const),
    code: fc.constant("x"),
    sentence: nasty,
    hint: nasty,
    command: nasty,
  }),
  40,
);

function reworded(event: Event, words: string): Event {
  switch (event.type) {
    case "step_done":
    case "noted":
      return { ...event, sentence: words };
    case "step_failed":
    case "rewound":
    case "turned_back":
    case "grace_changed":
    case "refused":
    case "cancelled":
      return { ...event, reason: { code: "x", sentence: words, hint: words } };
    case "blocked":
      return { ...event, reason: { code: "x", sentence: words, hint: words }, live: words };
    case "held":
    case "rejected":
      return { ...event, because: words };
    case "confirmed":
      return { ...event, evidence: words };
    case "ended":
      return {
        ...event,
        sentence: words,
        leftovers: Array.from({ length: 30 }, () => ({ ref: { principal: "p", generation: "g" }, sentence: words })),
      };
    case "approved":
    case "captured":
    case "collected":
    case "consumers_back":
    case "expired":
    case "intended":
    case "issued":
    case "outcome":
    case "overridden":
    case "proposed":
    case "requested":
    case "resumed":
    case "step_started":
    case "unblocked":
      return event;
  }
}
