/**
 * @module Slack's limits, in characters unless the name says otherwise, and the functions that keep texts inside them.
 * Sources: docs.slack.dev (Block Kit reference, chat.update); `messageChars` is undocumented: about 13,300 characters of
 * all texts together, each block counted as about 125 (slackapi/bolt-js#2509), kept here with a margin.
 */
export const limits = {
  messageBlocks: 50,
  messageChars: 12_000,
  blockChars: 125,
  viewBlocks: 100,
  /** chat.update takes 4,000 bytes, counted after escaping; posts are kept as short, because they are updated later. */
  textBytes: 3_800,
  header: 150,
  section: 3_000,
  field: 2_000,
  fields: 10,
  contextElements: 10,
  actionsElements: 25,
  button: 75,
  buttonValue: 2_000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  viewTitle: 24,
  privateMetadata: 3_000,
  inputLabel: 2_000,
  inputText: 3_000,
  option: 75,
  optionValue: 150,
  options: 100,
} as const;

const ellipsis = "…";
/** C0 and C1 controls, line ends, soft hyphens, zero-width characters, direction overrides, tags, and lone surrogates. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** One line without characters that cannot be seen: what they hide or turn round never reaches a person. */
export function oneLine(text: string): string {
  return text.replaceAll(unseen, " ").replaceAll(/\s+/g, " ").trim();
}

/** At most `max` characters; what is longer ends with an ellipsis. A character is never cut in two. */
export function cut(text: string, max: number): string {
  if (text.length <= max) {
    return text;
  }
  const kept = text.slice(0, Math.max(0, max - 1));
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}${ellipsis}`;
}

/** For a field that Slack refuses when it is empty. */
export function filled(text: string, max: number): string {
  const line = oneLine(text);
  return cut(line === "" ? "-" : line, max);
}

/** As many lines as fit into a message's `text`; how many were left out is said in the last one. */
export function fitLines(lines: readonly string[]): string {
  const kept: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > limits.textBytes - 40) {
      const left = lines.length - kept.length;
      return [...kept, `${ellipsis} and ${String(left)} more ${left === 1 ? "line" : "lines"}`].join("\n");
    }
    kept.push(line);
  }
  return kept.join("\n");
}

/** At most `max` items, and whatever says that there were more. */
export function few<T>(items: readonly T[], max: number, more: (left: number) => T): readonly T[] {
  return items.length <= max ? items : [...items.slice(0, max - 1), more(items.length - max + 1)];
}
