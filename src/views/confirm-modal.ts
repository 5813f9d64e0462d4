import type { View } from "@slack/types";
import { plain, rich } from "./blocks.ts";
import { cut, limits } from "./limits.ts";
import type { Line } from "./parts.ts";

export const confirmCallback = "confirm_done";
export const evidenceBlock = "evidence";
export const evidenceAction = "text";

/** Asks a person what they did and saw. `task`: for the eyes only. `metadata` comes back with the submission. */
export function confirmModal(task: string, metadata: Readonly<Record<string, string>>): View {
  return {
    type: "modal",
    callback_id: confirmCallback,
    title: plain("Confirm", limits.viewTitle),
    submit: plain("Confirm", limits.viewTitle),
    close: plain("Not yet", limits.viewTitle),
    private_metadata: JSON.stringify(metadata),
    blocks: [
      {
        type: "section",
        text: plain(cut(task, 1_000), limits.section),
      },
      {
        type: "input",
        block_id: evidenceBlock,
        label: plain("What did you do, and what shows that it is done?", limits.inputLabel),
        hint: plain("It is kept in the journal and shown in the thread. Never put a secret here.", limits.inputLabel),
        element: {
          type: "plain_text_input",
          action_id: evidenceAction,
          min_length: 3,
          max_length: 1_000,
          multiline: true,
        },
      },
    ],
  };
}

/** Takes the place of a form that asks for what is not asked any more. */
export function overModal(lines: readonly Line[]): View {
  return {
    type: "modal",
    title: plain("Confirm", limits.viewTitle),
    close: plain("Close", limits.viewTitle),
    blocks: [rich(lines)],
  };
}
