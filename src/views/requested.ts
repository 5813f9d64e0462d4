import type { Preview } from "../core/desk.ts";
import type { Rendered } from "./blocks.ts";
import { findingLines } from "./findings.ts";
import { code, type Line } from "./parts.ts";
import { answer } from "./refusal.ts";
import { planWords } from "./runbook.ts";
import { targetOf } from "./words.ts";

/** What the requester is told: that it was asked, of whom, and where the thread is. `postable`: it is where they asked. */
export function requestedAnswer(
  rotationId: string,
  { plan, digest, findings, approvers }: Preview,
  postable: boolean,
  because: string,
): Rendered {
  const lines: readonly Line[] = [
    [{ text: `asked for ${targetOf(plan)}: rotation ` }, code(rotationId), { text: ", " }, ...planWords(digest)],
    [
      { text: `to approve in ` },
      { channel: plan.policy.channel.id },
      { text: `: ${approvers.map(({ label, min }) => `${String(min)} of ${label}`).join(", ")}` },
    ],
    ...(postable
      ? []
      : [
          [
            {
              text: "I cannot post here (I am not in this channel, or it is shared or a direct message): the thread is in ",
            },
            { channel: plan.policy.channel.id },
          ],
        ]),
    ...(plan.cause === "routine" && /\bleak/i.test(because)
      ? [
          [
            {
              text: "asked for as routine; if the value has leaked, cancel this and say the word `leaked` before `because`",
            },
          ],
        ]
      : []),
    ...findingLines(findings),
  ];
  return answer(lines);
}
