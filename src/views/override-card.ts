import type { ApprovalResult } from "../core/approval.ts";
import type { OverrideVerb } from "../core/overrides.ts";
import type { Rotation } from "../core/rotation.ts";
import { actions, context, header, type Rendered, rich, textOf } from "./blocks.ts";
import { stillNeeded } from "./decision.ts";
import { bold, code, type Line, say } from "./parts.ts";
import { planWords } from "./runbook.ts";
import { ring, separated, targetOf, who } from "./words.ts";

/** Votes on something that needs the full policy again. `state`: why nobody can vote on it any more. */
export type Override = {
  readonly rotation: Rotation;
  readonly verb: OverrideVerb;
  readonly digest: string;
  readonly votedBy: readonly string[];
  readonly approval: ApprovalResult | undefined;
  readonly until: string;
  readonly state: "open" | "over";
};

/** The card in the policy's channel: what is asked, on which evidence, who has agreed. */
export function overrideCard(override: Override): Rendered {
  const { rotation, verb, digest, votedBy, until, state } = override;
  const { plan, id } = rotation;
  const title = `${titles[verb]}: ${targetOf(plan)}?`;
  const lines: readonly Line[] = [
    [{ text: effects[verb] }],
    [bold("now: "), ...say(rotation.block?.reason.sentence ?? gatesOf(rotation))],
    [
      bold("agreed: "),
      ...separated(
        votedBy.slice(0, 10).map((voter) => who({ kind: "slack", id: voter })),
        ", ",
      ),
    ],
    state === "open"
      ? [
          { text: "to decide: " },
          ...separated(
            plan.policy.approvals.flatMap(({ from }) => ring(from)),
            " ",
          ),
        ]
      : [{ text: "this question is closed: it was carried out, it ran out, or the evidence changed" }],
  ];
  const pieces: readonly Line[] = [
    [{ text: "rotation " }, code(id)],
    planWords(rotation.digest),
    ...(state === "open" ? [[{ text: "valid until " }, { at: until }]] : []),
    ...(override.approval === undefined || state === "over" ? [] : [stillNeeded(override.approval)]),
  ];
  return {
    text: textOf([[{ text: title }], ...lines, ...pieces]),
    blocks: [
      header(title),
      rich(lines, 600),
      context(pieces),
      ...actions(
        state === "open"
          ? [
              {
                action: "agree",
                label: titles[verb],
                value: { id, verb, digest },
                style: "danger",
                confirm: { title, text: effects[verb], yes: "Agree" },
              },
            ]
          : [],
      ),
    ],
  };
}

function gatesOf(rotation: Rotation): string {
  const gates = Object.values(rotation.steps).flatMap(({ notes }) =>
    notes["gates"] === undefined ? [] : [notes["gates"]],
  );
  return gates.toSorted((a, b) => b.seq - a.seq)[0]?.sentence ?? "no gate was looked at yet";
}

const titles: Record<OverrideVerb, string> = {
  "retire-now": "Retire now",
  abandon: "Abandon",
  "roll-back": "Roll back",
};

const effects: Record<OverrideVerb, string> = {
  "retire-now":
    "Grace, window and notice are skipped. That consumers are settled and that the new credential is accepted cannot be skipped.",
  abandon: "Keyturn stops here and changes nothing more; every credential left alive becomes a to-do.",
  "roll-back": "The old credential works again and consumers go back to it, although it leaked.",
};
