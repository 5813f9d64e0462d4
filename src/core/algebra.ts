import type { Slot } from "./credential.ts";
import { KeyturnError } from "./errors.ts";
import type { Present } from "./events.ts";
import type { Plan, Step, StepKind } from "./plan.ts";

/** What of a target decides its steps. */
export type Answers = Pick<Plan["rotator"], "overlap" | "origin" | "triedAt" | "disable" | "usage" | "revokeBy"> & {
  readonly present: Present;
  /** Whether a person tries something by hand once every check has passed. */
  readonly byHand?: boolean;
};

export type Composed = Pick<Plan, "steps" | "back" | "pointOfNoReturn">;

/**
 * Composes the steps, the way back and the point of no return from the answers to the four questions (DESIGN section 3).
 * The way back is composed too; it is never the steps undone in reverse. It is written for the latest moment: what was not
 * done is skipped when it runs (`decide.ts`).
 *
 * Throws KeyturnError("not_composable") for a combination that is not listed.
 */
export function compose(answers: Answers): Composed {
  const row = all.find((candidate) => candidate.when(answers));
  if (row === undefined) {
    throw new KeyturnError(
      "not_composable",
      `no procedure is known for overlap "${answers.overlap}", origin "${answers.origin}", tried at "${answers.triedAt}"`,
      {
        hint: "choose another mode of the rotator; the listed combinations stand in docs/ARCHITECTURE.md",
      },
    );
  }
  const steps = witnessed(answers, row.forward(answers)).map((part) => step("", part));
  const back = row.back(answers).map((part) => step("back-", part));
  const last = row.pointOfNoReturn === "revoke" ? ending(answers) : row.pointOfNoReturn;
  const composed = { steps: numbered(steps), back: numbered(back) };
  return last !== undefined && composed.steps.some(({ id }) => id === last)
    ? { ...composed, pointOfNoReturn: last }
    : composed;
}

type Part = readonly [kind: StepKind, slot: Slot, accepted?: Slot];
type Row = {
  readonly when: (answers: Answers) => boolean;
  readonly forward: (answers: Answers) => readonly Part[];
  readonly back: (answers: Answers) => readonly Part[];
  readonly pointOfNoReturn: string | undefined;
};

const rows: readonly Row[] = [
  {
    when: ({ overlap, present }) => overlap === "dual" && present === "none",
    forward: (answers) => [...arrival(answers), ["prove", "current"]],
    back: (answers) => [["publish", "current"], ["rollout", "current"], ...end(answers, "pending")],
    pointOfNoReturn: undefined,
  },
  {
    when: ({ overlap }) => overlap === "dual",
    forward: (answers) => [
      ...arrival(answers),
      ["grace", "current"],
      ["recheck", "current"],
      ...idle(answers, "current"),
      ...ladder(answers),
      [ending(answers), "current"],
      ["prove", "current"],
    ],
    back: (answers) => [
      ...(answers.disable ? [["enable", "current"] as const] : []),
      ["publish", "current"],
      ["rollout", "current"],
      ["test", "current"],
      ["verify", "current"],
      ...idle(answers, "pending"),
      ...end(answers, "pending"),
    ],
    pointOfNoReturn: "revoke",
  },
  {
    when: ({ overlap, origin, triedAt }) => overlap === "single" && origin === "proposed" && triedAt === "issuer",
    forward: (answers) => [
      ...announced(answers),
      ["preflight", "current"],
      ["publish", "pending"],
      ["issue", "pending"],
      ["test", "pending"],
      ["rollout", "pending"],
      ["verify", "pending"],
      ["prove", "current"],
    ],
    back: ({ present }) =>
      present === "none"
        ? [
            ["publish", "current"],
            ["rollout", "current"],
          ]
        : [
            ["publish", "current"],
            ["issue", "current"],
            ["test", "current"],
            ["rollout", "current"],
            ["verify", "current"],
          ],
    pointOfNoReturn: "issue",
  },
];

/** Consumers apply it at start and are the only judges: all are restarted at once, and from then on the old one is dead. */
const appliedAtStart: Row = {
  when: ({ overlap, origin, triedAt }) => overlap === "single" && origin === "proposed" && triedAt === "consumer",
  forward: (answers) => [
    ...announced(answers),
    ["preflight", "current"],
    ["publish", "pending"],
    ["rollout", "pending"],
    ["test", "pending"],
    ["verify", "pending"],
    ["prove", "current"],
  ],
  back: ({ present }) => [
    ["publish", "current"],
    ["rollout", "current"],
    ...(present === "none" ? [] : ([["test", "current"]] as const)),
    ["verify", "current"],
  ],
  pointOfNoReturn: "rollout",
};

/** First accept, then use, then forget: at no moment does one instance make what another does not accept. */
const acceptFirst: Row = {
  when: ({ overlap, origin }) => overlap === "accept-first" && origin === "proposed",
  forward: () => [
    ["preflight", "current"],
    ["issue", "pending"],
    ["publish", "current", "pending"],
    ["rollout", "current", "pending"],
    ["soak", "pending"],
    ["accept", "pending"],
    ["publish", "pending", "current"],
    ["rollout", "pending", "current"],
    ["sign", "pending", "current"],
    ["verify", "pending"],
    ["grace", "current"],
    ["recheck", "current"],
    ["publish", "pending"],
    ["rollout", "pending"],
    ["watch", "current"],
    ["prove", "current"],
    ["forget", "current"],
  ],
  back: () => [
    ["publish", "pending", "current"],
    ["rollout", "pending", "current"],
    // Whoever read the public keys anew after the withdrawal has forgotten the old one.
    ["soak", "current"],
    ["accept", "current"],
    ["publish", "current", "pending"],
    ["rollout", "current", "pending"],
    ["sign", "current", "pending"],
    ["grace", "current", "pending"],
    ["publish", "current"],
    ["rollout", "current"],
    ["verify", "current"],
  ],
  pointOfNoReturn: "forget",
};

/** Nothing is accepted yet, so nothing can be refused. */
const acceptFirstOfAll: Row = {
  when: (answers) => acceptFirst.when(answers) && answers.present === "none",
  forward: () => [
    ["preflight", "current"],
    ["issue", "pending"],
    ["publish", "pending"],
    ["rollout", "pending"],
    ["sign", "pending"],
    ["verify", "pending"],
    ["prove", "current"],
  ],
  back: () => [
    ["publish", "current"],
    ["rollout", "current"],
  ],
  pointOfNoReturn: undefined,
};

/** The old one dies as the issuer makes the new one: nobody can bring it back. Until there is a new one it can be stopped. */
const madeElsewhere: Row = {
  when: ({ overlap, origin, triedAt }) => overlap === "single" && origin !== "proposed" && triedAt === "issuer",
  forward: (answers) => [...announced(answers), ...arrival(answers), ["prove", "current"]],
  back: () => [],
  pointOfNoReturn: "issue",
};

const all: readonly Row[] = [...rows, appliedAtStart, madeElsewhere, acceptFirstOfAll, acceptFirst];

/**
 * The gates of a cut stand before everything else: what is published while it waits would be picked up by whatever restarts,
 * and who is asked for a value makes the cut. Where nothing is in use yet nobody is refused.
 */
function announced({ present }: Answers): readonly Part[] {
  return present === "none" ? [] : [["announce", "current"]];
}

function arrival({ triedAt, origin }: Answers): readonly Part[] {
  const begin: readonly Part[] = [
    ["preflight", "current"],
    ...(origin === "handed-in" ? [["collect", "pending"] as const] : []),
    ["issue", "pending"],
  ];
  return triedAt === "issuer"
    ? [...begin, ["test", "pending"], ["publish", "pending"], ["rollout", "pending"], ["verify", "pending"]]
    : [...begin, ["publish", "pending"], ["rollout", "pending"], ["test", "pending"], ["verify", "pending"]];
}

function witnessed({ byHand }: Answers, parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part) => (part[0] === "verify" && byHand === true ? [part, ["witness", part[1]]] : [part]));
}

function idle({ usage }: Answers, slot: Slot): readonly Part[] {
  return usage === "none" ? [] : [["idle", slot]];
}

function ladder({ disable }: Answers): readonly Part[] {
  return disable
    ? [
        ["disable", "current"],
        ["watch", "current"],
        ["recheck", "current"],
      ]
    : [];
}

function end(answers: Answers, slot: Slot): readonly Part[] {
  return [...(answers.disable ? [["disable", slot] as const] : []), [ending(answers), slot], ["prove", slot]];
}

function ending({ revokeBy }: Answers): "revoke" | "confirm" {
  return revokeBy === "person" ? "confirm" : "revoke";
}

function step(prefix: string, [kind, slot, accepted]: Part): Step {
  const which = slot === "current" ? "old" : "new";
  const title = `${titles[kind](which)}${accepted === undefined ? "" : `; the ${accepted === "current" ? "old" : "new"} one is accepted beside it`}`;
  return { id: `${prefix}${kind}`, kind, slot, ...(accepted === undefined ? {} : { accepted }), title };
}

/** The second step of a kind gets a number, so that ids stay unique: recheck, recheck-2. */
function numbered(steps: readonly Step[]): Step[] {
  const seen = new Map<string, number>();
  return steps.map((each) => {
    const count = (seen.get(each.id) ?? 0) + 1;
    seen.set(each.id, count);
    return count === 1 ? each : { ...each, id: `${each.id}-${String(count)}` };
  });
}

const titles: Record<StepKind, (which: "old" | "new") => string> = {
  announce: () => "Announce the cut, and wait until it may come",
  preflight: () => "Look again before anything changes",
  collect: () => "Collect the new credential from a person",
  issue: (which) => `Issue the ${which} credential`,
  test: (which) => `Log in with every published value of the ${which} credential`,
  soak: (which) => `Wait until every cache knows the ${which} credential`,
  accept: (which) => `Prove that every instance accepts the ${which} credential`,
  sign: (which) => `Prove that every instance uses the ${which} credential`,
  publish: (which) => `Publish the ${which} credential`,
  rollout: (which) => `Restart consumers onto the ${which} credential, one at a time`,
  verify: (which) => `Verify health and logs on the ${which} credential`,
  witness: (which) => `Have a person try the ${which} credential by hand`,
  grace: () => "Grace: both credentials work",
  recheck: () => "Look at every gate afresh",
  idle: (which) => `Prove that nobody uses the ${which} credential`,
  enable: (which) => `Enable the ${which} credential`,
  disable: (which) => `Disable the ${which} credential (reversible)`,
  watch: (which) => `Watch for anybody refused with the ${which} credential`,
  revoke: (which) => `Revoke the ${which} credential for good`,
  confirm: (which) => `Have a person revoke the ${which} credential and confirm it`,
  forget: (which) => `Forget the ${which} credential for good`,
  prove: (which) =>
    which === "old"
      ? "Prove that the old credential is refused and the new one accepted"
      : "Prove the end state of the new credential",
};
