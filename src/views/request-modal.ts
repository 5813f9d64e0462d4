import type { PlainTextOption, View } from "@slack/types";
import { plain } from "./blocks.ts";
import { limits, oneLine } from "./limits.ts";
import { reasonAction } from "./reject-modal.ts";

export const requestCallback = "rotate_request";
export const requestBlocks = { target: "target", leaked: "leaked", because: "because" } as const;
export const targetAction = "choice";

type Target = { readonly secret: string; readonly environment: string };

/** The form behind the message shortcut. At most 100 targets fit a menu; with more, the first two words are typed. */
export function requestModal(targets: readonly Target[], metadata: Readonly<Record<string, string>>): View {
  return {
    type: "modal",
    callback_id: requestCallback,
    title: plain("Rotate a secret", limits.viewTitle),
    submit: plain("Request", limits.viewTitle),
    close: plain("Not now", limits.viewTitle),
    private_metadata: JSON.stringify(metadata),
    blocks: [
      {
        type: "input",
        block_id: requestBlocks.target,
        label: plain("Secret and environment", limits.inputLabel),
        element: chooser(targets),
      },
      {
        type: "input",
        block_id: requestBlocks.leaked,
        optional: true,
        label: plain("Did it leak?", limits.inputLabel),
        element: {
          type: "checkboxes",
          action_id: targetAction,
          options: [
            { text: plain("Yes: no grace, and it is never enabled again by itself", limits.option), value: "leaked" },
          ],
        },
      },
      {
        type: "input",
        block_id: requestBlocks.because,
        optional: true,
        label: plain("Why", limits.inputLabel),
        hint: plain("It is shown in the thread. Never put a secret here.", limits.inputLabel),
        element: { type: "plain_text_input", action_id: reasonAction, max_length: 500 },
      },
    ],
  };
}

function chooser(targets: readonly Target[]) {
  const options = targets.map(optionOf).filter((option) => option !== undefined);
  return options.length === 0 || options.length < targets.length || options.length > limits.options
    ? {
        type: "plain_text_input" as const,
        action_id: targetAction,
        placeholder: plain("redis prod", limits.option),
        max_length: 200,
      }
    : { type: "static_select" as const, action_id: targetAction, placeholder: plain("Choose", limits.option), options };
}

/** A name that a menu cannot hold is typed instead: a cut one would mean another target. */
function optionOf({ secret, environment }: Target): PlainTextOption | undefined {
  const value = `${secret} ${environment}`;
  return value.length > limits.option || oneLine(value) !== value
    ? undefined
    : { text: plain(value, limits.option), value };
}
