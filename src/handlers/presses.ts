import { isBound } from "../core/about.ts";
import { answering } from "./answering.ts";
import { answered, detailOf } from "./carry-out.ts";
import type { Register } from "./deps.ts";
import type { TypedVerb } from "./parse.ts";
import { pressed } from "./pressed.ts";
import { privately } from "./privately.ts";

/** Buttons that one person with the right may press: what each asks of the desk. */
const verbs: Readonly<Record<string, TypedVerb>> = {
  hold: "hold",
  resume: "resume",
  roll_back: "roll-back",
  look_again: "look-again",
  extend_grace: "extend-grace",
  cancel: "cancel",
};

/** Hold, Resume, Roll back, Look again, Extend grace, Cancel. */
export const registerPresses: Register = (app, deps) => {
  for (const [action, verb] of Object.entries(verbs)) {
    app.action(action, async ({ ack, body, respond }) => {
      await ack();
      const { value, from, key, threadTs } = pressed(body);
      await answering(deps, key, from, privately(respond, threadTs), async (asker) =>
        answered(
          await deps.desk.press({
            rotationId: value.id,
            asker,
            verb,
            detail: detailOf(verb, value.ms ?? 0, ""),
            about: isBound(verb) ? (value.about ?? "") : undefined,
            onceKey: key,
          }),
        ),
      );
    });
  }
};
