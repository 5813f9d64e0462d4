import type { CollectPage, Desk, Overview } from "../../src/core/desk.ts";
import type { Event } from "../../src/core/events.ts";
import { headlineOf } from "../../src/core/headline.ts";
import type { HandlerDeps } from "../../src/handlers/deps.ts";
import { digest, requested, rotationId, rotationOf, samplePlan } from "../views/sample.ts";

const collectPage: CollectPage = {
  rotationId,
  target: "pesaflow prod",
  requestedBy: "U0OLIVIA",
  givenTo: "U0ADA",
  fields: [
    { name: "consumer_key", secret: false },
    { name: "consumer_secret", secret: true },
  ],
  expiresAt: "2026-11-21T10:10:00.000Z",
};

type Call = { readonly verb: keyof Desk; readonly input: unknown };

/** A desk that remembers what it was asked. It allows whatever is not told to be refused, and knows one target and one rotation. */
export type FakeDesk = Desk & {
  readonly calls: readonly Call[];
  readonly refuse: (verb: keyof Desk, sentence: string) => void;
  readonly fail: (verb: keyof Desk, error: Error) => void;
  readonly asked: (verb: keyof Desk) => readonly unknown[];
};

export function fakeDesk(events: readonly Event[] = [requested()]): FakeDesk {
  const calls: Call[] = [];
  const refusals = new Map<keyof Desk, string>();
  const failures = new Map<keyof Desk, Error>();
  const rotation = rotationOf(events);
  const overview: Overview = { rotation, headline: headlineOf(rotation), approval: undefined, auditHead: "9ac0ffee" };
  const plan = samplePlan();
  const preview = { plan, digest, findings: [], approvers: [{ label: "@security", min: 1, users: ["U0ADA"] }] };

  function note(verb: keyof Desk, input: unknown) {
    calls.push({ verb, input });
    const failure = failures.get(verb);
    if (failure !== undefined) throw failure;
    const sentence = refusals.get(verb);
    return sentence === undefined
      ? undefined
      : { kind: "refused" as const, refusal: { code: "refused", sentence, who: ["@security"] } };
  }
  const answer = (verb: keyof Desk, input: unknown) =>
    note(verb, input) ?? { kind: "ok" as const, sentence: `${verb} noted` };
  const known = (id: string) => id === rotation.id || id === "redis prod";

  return {
    calls,
    refuse: (verb, sentence) => refusals.set(verb, sentence),
    fail: (verb, error) => failures.set(verb, error),
    asked: (verb) => calls.filter((call) => call.verb === verb).map(({ input }) => input),
    targets: async () => [
      { secret: "redis", environment: "prod", owner: "@platform", open: overview.headline },
      { secret: "postgres", environment: "prod", owner: "@platform", open: undefined },
      { secret: "postgres", environment: "staging", owner: "@platform", open: undefined },
    ],
    preview: async (input) => note("preview", input) ?? { kind: "preview", preview },
    request: async (input) => note("request", input) ?? { kind: "requested", rotationId, preview },
    vote: async (input) => answer("vote", input),
    press: async (input) => answer("press", input),
    override: async (input) => answer("override", input),
    handIn: async (input) =>
      note("handIn", input) ?? { kind: "ok", link: "https://keyturn.example/collect/one-time-token", ...collectPage },
    collectPage: async (token) => (token === "one-time-token" ? collectPage : undefined),
    handOver: async (token, values) => note("handOver", { token, values }) === undefined,
    overview: async (id) => (known(id) ? overview : undefined),
    open: async () => [overview.headline],
    find: async (text) => (known(text) ? overview : undefined),
  };
}

/** Changes in the workspace that nobody takes up. */
export const noChanges: HandlerDeps["changes"] = {
  people: async () => undefined,
  shared: async () => undefined,
  cutOff: async () => undefined,
};
