import { cutNotice } from "../core/cut.ts";
import type { StoredEvent } from "../core/events.ts";
import type { Rotation } from "../core/rotation.ts";
import { askTopic } from "../core/waiting.ts";
import { type Rendered, rich, textOf } from "./blocks.ts";
import { votersOf } from "./decision.ts";
import { cutLines, notice } from "./notice.ts";
import { bold, code, type Line, type Mention, type Part, quote, say } from "./parts.ts";
import { planWords } from "./runbook.ts";
import { stepLine } from "./step-line.ts";
import { endWords } from "./tasks.ts";
import { prefixOf, ring, ringLabel, separated, who } from "./words.ts";

/** What a milestone needs besides its event. `mention`: whom a label of the catalog means; `auditHead`: for the last line. */
export type Around = {
  readonly rotation: Rotation;
  readonly mention: (label: string) => Mention | undefined;
  readonly auditHead: string;
};

/** One event as a reply in the thread; undefined for what people need not be told. */
export function milestone(stored: StoredEvent, around: Around): Rendered | undefined {
  const lines = linesOf(stored, around);
  if (lines === undefined || lines.length === 0) {
    return undefined;
  }
  const whole = lines.map((line) => [...prefixOf(around.rotation), ...line]);
  const each = Math.max(200, Math.floor(6_000 / whole.length));
  return { text: textOf(whole), blocks: [rich(whole, each)] };
}

function linesOf({ event, at }: StoredEvent, around: Around): readonly Line[] | undefined {
  const { rotation } = around;
  switch (event.type) {
    case "approved":
      return [[{ text: "approved by " }, ...votersOf(event.votes), { text: ", " }, ...planWords(rotation.digest)]];
    case "rejected":
      return [
        [
          { text: "rejected by " },
          who(event.by),
          ...(event.because === "" ? [] : [{ text: ": " }, quote(event.because)]),
        ],
      ];
    case "cancelled":
      return [
        [
          { text: "cancelled by " },
          who(event.by),
          { text: ": " },
          ...say(event.reason.sentence),
          ...hintOf(event.reason.hint),
        ],
      ];
    case "noted":
      if (event.topic === cutNotice) {
        return cutLines(rotation, at);
      }
      return event.loud
        ? [
            [
              ...say(event.sentence),
              ...(event.topic === "remind" || event.topic === "hold" ? [{ text: " " }, ...ringAll(around)] : []),
              ...(event.topic === askTopic
                ? [{ text: " " }, ringLabel(rotation.plan.owner, around.mention(rotation.plan.owner))]
                : []),
            ],
          ]
        : undefined;
    case "collected":
      return [[{ text: "a new value was handed in by " }, who(event.by), { text: "; it is being tried" }]];
    case "confirmed":
      return [[{ text: "confirmed by " }, who(event.by), { text: ": " }, quote(event.evidence)]];
    case "step_done":
      return stepLine(event.step, rotation, event.sentence);
    case "step_failed":
      return [
        [
          bold(`${titleOf(rotation, event.step)} failed: `),
          ...say(event.reason.sentence),
          ...hintOf(event.reason.hint),
        ],
      ];
    case "held":
      return [
        [
          { text: "held by " },
          who(event.by),
          { text: " until " },
          { at: event.until },
          ...(event.because === "" ? [] : [{ text: ": " }, quote(event.because)]),
        ],
      ];
    case "resumed":
      return [[{ text: "resumed by " }, who(event.by)]];
    case "turned_back":
      return [
        [
          bold("going back: "),
          ...say(event.reason.sentence),
          { text: " (" },
          who(event.by),
          { text: ")" },
          ...hintOf(event.reason.hint),
        ],
      ];
    case "blocked":
      return blockedLines(event, around);
    case "unblocked":
      return [[{ text: `${event.verb.replaceAll("-", " ")}: ` }, who(event.by)]];
    case "grace_changed":
      return event.reason.code === "grace_begins" ? notice(rotation, event.until) : [graceLine(event)];
    case "overridden":
      return [
        [
          { text: `${event.verb.replaceAll("-", " ")}: agreed by ` },
          ...separated(
            event.by.map((id): Part => (/^[UW][A-Z0-9]+$/.test(id) ? { mention: { kind: "user", id } } : { text: id })),
            ", ",
          ),
          ...(event.gates.length === 0 ? [] : [{ text: `; skipped: ${event.gates.join(", ")}` }]),
        ],
      ];
    case "rewound":
      return [
        [
          bold(`back to "${titleOf(rotation, event.from)}": `),
          ...say(event.reason.sentence),
          ...hintOf(event.reason.hint),
        ],
        [{ text: "to act: " }, ringLabel(rotation.plan.owner, around.mention(rotation.plan.owner))],
      ];
    case "refused":
      return [
        [
          { text: `${event.verb.replaceAll("-", " ")} by ` },
          who(event.by),
          { text: " was not done: " },
          ...say(event.reason.sentence),
        ],
      ];
    case "consumers_back":
      return [[{ text: "consumers are back on the old credential" }]];
    case "ended":
      return endedLines(event, at, around);
    case "requested":
    case "expired":
    case "captured":
    case "proposed":
    case "issued":
    case "step_started":
    case "intended":
    case "outcome":
      return undefined;
  }
}

type EventOfType<T extends StoredEvent["event"]["type"]> = Extract<StoredEvent["event"], { type: T }>;

function blockedLines(event: EventOfType<"blocked">, around: Around): readonly Line[] {
  return [
    [{ emoji: "warning", plain: ":warning:" }, { text: " " }, bold("blocked: "), ...say(event.reason.sentence)],
    [bold("live now: "), ...say(event.live)],
    [
      bold("what you can do: "),
      ...(event.reason.hint === undefined ? [] : [...say(event.reason.hint), { text: "; " }]),
      { text: "Look again, Roll back where there is a way, or Abandon: the buttons stand on the first message" },
    ],
    [{ text: "to act: " }, ...ringAll(around)],
  ];
}

function endedLines(event: EventOfType<"ended">, at: string, { rotation, auditHead }: Around): readonly Line[] {
  const advice: readonly Line[] =
    rotation.plan.cause === "leaked" && event.status !== "cancelled"
      ? [[{ text: "it leaked: look through the last 30 days of its use, and rotate what else stood beside it" }]]
      : [];
  return [
    ending(event, at, rotation),
    ...event.leftovers.slice(0, 10).map(({ sentence }): Line => [bold("to do: "), ...say(sentence)]),
    ...advice,
    [{ text: "audit head " }, code(auditHead)],
  ];
}

/** The proof has just been told by its step: it is not said twice. */
function ending(event: EventOfType<"ended">, at: string, { steps }: Rotation): Line {
  const told = event.status === "done" && Object.values(steps).some(({ sentence }) => sentence === event.sentence);
  return [
    bold(endWords[event.status].toLowerCase()),
    ...(told ? [] : [{ text: ": " }, ...say(event.sentence)]),
    { text: ", " },
    { at },
  ];
}

function graceLine(event: EventOfType<"grace_changed">): Line {
  return [
    ...say(event.reason.sentence),
    { text: event.by.kind === "engine" ? "; grace until " : " (" },
    ...(event.by.kind === "engine" ? [] : [who(event.by), { text: "); grace until " }]),
    { at: event.until },
  ];
}

/** The owner, and whoever the policy lets decide. */
function ringAll({ rotation, mention }: Around): readonly Part[] {
  const { owner, policy } = rotation.plan;
  const groups = [...policy.approvals.map(({ from }) => from), ...(policy.oncall === undefined ? [] : [policy.oncall])];
  const once = groups.filter(
    (group, index) => groups.findIndex(({ label }) => label === group.label) === index && group.label !== owner,
  );
  return separated([ringLabel(owner, mention(owner)), ...once.flatMap(ring)], " ");
}

function hintOf(hint: string | undefined): readonly Part[] {
  return hint === undefined ? [] : [{ text: "; " }, ...say(hint)];
}

function titleOf({ plan }: Rotation, id: string): string {
  return [...plan.steps, ...plan.back].find((step) => step.id === id)?.title ?? id;
}
