import { z } from "zod";
import { cutBegan } from "./cut.ts";
import type { Explanation } from "./errors.ts";
import { headlineOf } from "./headline.ts";
import type { PressVerb } from "./presses.ts";
import type { Rotation } from "./rotation.ts";
import { askedSince, waitingStep } from "./waiting.ts";

/** What a verb answers when it answers something in particular: that question, block, hold, side of the cut or grace, and none that comes after it. */
const answered: Partial<
  Record<PressVerb, { readonly what: string; readonly of: (rotation: Rotation) => string | undefined }>
> = {
  confirm: { what: "a question that is not asked any more", of: questionOf },
  "look-again": {
    what: "a block that is over",
    of: ({ block }) => (block === undefined ? undefined : `${block.step} ${block.at}`),
  },
  resume: { what: "a hold that is over", of: ({ hold }) => hold?.until },
  // Before the cut going back refuses nobody; after it, it may refuse everybody once more.
  "roll-back": {
    what: "a card from before the cut, and going back would be a second one",
    of: (rotation) => (cutBegan(rotation) === undefined ? "" : "after the cut"),
  },
  "extend-grace": { what: "a grace that has another end by now", of: ({ graceUntil }) => graceUntil },
};

/** Whether a press of this verb answers something in particular. Its button then carries what (`aboutOf`). */
export function isBound(verb: PressVerb): boolean {
  return answered[verb] !== undefined;
}

/** What a press of this verb would answer now: opaque, another text for every question, block, hold and end of the grace. Undefined: nothing. */
export function aboutOf(rotation: Rotation, verb: PressVerb): string | undefined {
  return answered[verb]?.of(rotation);
}

/** Why a press does not count that was made for something else than what stands now, and what goes on instead. Undefined: it counts. */
export function outdated(rotation: Rotation, verb: PressVerb, about: string): Explanation | undefined {
  const bound = answered[verb];
  if (bound === undefined || bound.of(rotation) === about) {
    return undefined;
  }
  return {
    code: "older_card",
    sentence: `this answers ${bound.what}; now: ${headlineOf(rotation).line}`,
    hint: "the first message of the thread has the buttons that fit",
  };
}

/** A press as it is kept: the person's own words, and what it was about. */
type Said = { readonly text: string; readonly about: string | undefined };

const Bound = z.strictObject({ about: z.string(), text: z.string() });

/** The `detail` of a command. */
export function writeDetail({ text, about }: Said): string {
  return about === undefined ? text : JSON.stringify({ about, text });
}

/** The reverse of `writeDetail`. For verbs that answer something in particular only: the words of a hold are anybody's text. */
export function readDetail(detail: string): Said {
  try {
    return Bound.parse(JSON.parse(detail));
  } catch {
    return { text: detail, about: undefined };
  }
}

/** The question that a person is asked: the step, and since when in this very state of things. */
function questionOf(rotation: Rotation): string | undefined {
  const step = waitingStep(rotation, "confirm");
  return step === undefined ? undefined : `${step.id} ${askedSince(rotation, step)}`;
}
