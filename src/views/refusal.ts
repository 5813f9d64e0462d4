import type { Refusal } from "../core/desk.ts";
import { type Rendered, rich, textOf } from "./blocks.ts";
import { bold, code, type Line, say } from "./parts.ts";
import { separated } from "./words.ts";

/** Why not, who can, and which names were probably meant. Groups are named, not rung: nobody is woken by a refusal. */
export function refusalAnswer(refusal: Refusal): Rendered {
  return answer(refusalLines(refusal));
}

export function refusalLines({ sentence, hint, who = [], nearest = [] }: Refusal): readonly Line[] {
  return [
    [bold("not done: "), ...say(sentence)],
    ...(hint === undefined ? [] : [[{ text: "next: " }, ...say(hint)]]),
    ...(who.length === 0 ? [] : [[{ text: "who can: " }, ...separated(who.slice(0, 10).map(whoCan), ", ")]]),
    ...(nearest.length === 0
      ? []
      : [[{ text: "did you mean " }, ...separated(nearest.slice(0, 5).map(code), ", "), { text: "?" }]]),
  ];
}

/** Any answer that only the person who asked sees. */
export function answer(lines: readonly Line[]): Rendered {
  return {
    text: textOf(lines),
    blocks: [rich(lines, Math.max(100, Math.floor(6_000 / Math.max(lines.length, 1))))],
  };
}

/** A user id becomes that person's name for the reader; a label stays a label. */
function whoCan(who: string) {
  return /^[UW][A-Z0-9]{5,}$/.test(who) ? { mention: { kind: "user" as const, id: who } } : { text: who };
}
