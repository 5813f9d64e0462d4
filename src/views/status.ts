import type { Overview } from "../core/desk.ts";
import { context, header, type Rendered, rich, textOf } from "./blocks.ts";
import { stillNeeded } from "./decision.ts";
import { code, type Line, say } from "./parts.ts";
import { planWords } from "./runbook.ts";
import { planTitle, taskLines, taskList } from "./tasks.ts";
import { leakedMark, targetOf, who } from "./words.ts";

/** One rotation for the person who asked: how far it is, what it waits for, and the head of the audit log to compare. */
export function statusAnswer({ rotation, headline, approval, auditHead }: Overview): Rendered {
  const title = `${targetOf(rotation.plan)}: ${headline.status}`;
  const lines: readonly Line[] = [
    [...leakedMark(rotation.plan), ...say(headline.line)],
    [{ text: "asked for by " }, who(rotation.by), { text: ", " }, { at: rotation.openedAt }],
    ...(approval === undefined || rotation.phase !== "pending" ? [] : [stillNeeded(approval)]),
  ];
  const pieces: readonly Line[] = [
    [{ text: "rotation " }, code(rotation.id)],
    planWords(rotation.digest),
    [{ text: "audit head " }, code(auditHead.slice(0, 16))],
  ];
  return {
    text: textOf([[{ text: title }], ...lines, ...pieces, [{ text: planTitle(rotation) }], ...taskLines(rotation)]),
    blocks: [header(title), rich(lines, 600), taskList(rotation), context(pieces)],
  };
}
