import type { View } from "@slack/types";
import { plain } from "./blocks.ts";
import { cut, limits } from "./limits.ts";

export const rejectCallback = "reject_reason";
export const reasonBlock = "reason";
export const reasonAction = "text";

/** Asks why. `target`: for the eyes only. `metadata` comes back with the submission: which rotation, which plan, where to answer. */
export function rejectModal(target: string, metadata: Readonly<Record<string, string>>): View {
  return {
    type: "modal",
    callback_id: rejectCallback,
    title: plain("Reject", limits.viewTitle),
    submit: plain("Reject", limits.viewTitle),
    close: plain("Not now", limits.viewTitle),
    private_metadata: JSON.stringify(metadata),
    blocks: [
      {
        type: "input",
        block_id: reasonBlock,
        label: plain(`Why should ${cut(target, 200)} not be rotated like this?`, limits.inputLabel),
        hint: plain("It is shown in the thread. Never put a secret here.", limits.inputLabel),
        element: { type: "plain_text_input", action_id: reasonAction, min_length: 3, max_length: 500, multiline: true },
      },
    ],
  };
}
