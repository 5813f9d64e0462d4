import type { OverrideVerb } from "../core/overrides.ts";
import { answer } from "../views/refusal.ts";
import { answering } from "./answering.ts";
import { answered } from "./carry-out.ts";
import type { Register } from "./deps.ts";
import { pressed } from "./pressed.ts";
import { privately } from "./privately.ts";

/** Buttons that ask for the full policy again. The first press is a vote for the evidence as its card shows it. */
const first: Readonly<Record<string, OverrideVerb>> = {
  retire_now: "retire-now",
  abandon: "abandon",
  roll_back_leaked: "roll-back",
};

/** Retire now, Abandon, Roll back of a leaked one; and Agree, on the card that asks the others. */
export const registerOverrides: Register = (app, deps) => {
  for (const action of [...Object.keys(first), "agree"]) {
    app.action(action, async ({ ack, body, respond }) => {
      await ack();
      const { value, from, key, threadTs } = pressed(body);
      await answering(deps, key, from, privately(respond, threadTs), async (asker) => {
        const verb = first[action] ?? value.verb;
        return verb === undefined
          ? answer([[{ text: "this button says nothing" }]])
          : answered(
              await deps.desk.override({
                rotationId: value.id,
                asker,
                verb,
                digest: value.digest ?? "",
              }),
            );
      });
    });
  }
};
