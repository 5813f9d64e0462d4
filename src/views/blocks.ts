import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  PlainTextElement,
  RichTextBlock,
  SectionBlock,
} from "@slack/types";
import { filled, fitLines, limits } from "./limits.ts";
import { escapeText, type Line, plainLine, richElements } from "./parts.ts";

/** What is sent to Slack: the blocks, and the same for notifications, screen readers, old clients and search. */
export type Rendered = { readonly text: string; readonly blocks: KnownBlock[] };

/** A button. `value` is what comes back with the press; `confirm` asks once more before it is sent. */
export type ButtonOf = {
  readonly action: string;
  readonly label: string;
  readonly value: Readonly<Record<string, string | number>>;
  readonly style?: "primary" | "danger";
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string };
};

/** The lines as a message's `text`: what notifications, screen readers, old clients and search get. Everything in it is escaped. */
export function textOf(lines: readonly Line[]): string {
  const each = Math.max(120, Math.min(500, Math.floor(3_600 / Math.max(lines.length, 1))));
  const shown = lines.map((line) => plainLine(line, each)).filter((line) => line.trim() !== "");
  return shown.length === 0 ? "-" : fitLines(shown);
}

/** The lines with their numbers before them. */
export function numbered(lines: readonly Line[]): readonly Line[] {
  return lines.map((line, index) => [{ text: `${String(index + 1)}. ` }, ...line]);
}

export function plain(text: string, max: number): PlainTextElement {
  return { type: "plain_text", text: filled(text, max), emoji: false };
}

export function header(text: string): HeaderBlock {
  return { type: "header", text: plain(text, limits.header) };
}

/** Lines one below the other. */
export function rich(lines: readonly Line[], maxPerLine?: number): RichTextBlock {
  const elements = lines.flatMap((line, index) => [
    ...(index === 0 ? [] : [{ type: "text" as const, text: "\n" }]),
    ...richElements(line, maxPerLine),
  ]);
  return {
    type: "rich_text",
    elements: [
      { type: "rich_text_section", elements: elements.length === 0 ? [{ type: "text", text: "-" }] : elements },
    ],
  };
}

/** Lines as a list, numbered or with bullets. */
export function list(style: "ordered" | "bullet", lines: readonly Line[], maxPerLine?: number): RichTextBlock {
  return {
    type: "rich_text",
    elements: [
      {
        type: "rich_text_list",
        style,
        elements: lines.map((line) => ({
          type: "rich_text_section" as const,
          elements: richElements(line, maxPerLine),
        })),
      },
    ],
  };
}

/** The small grey line. Only names of the catalog, ids, dates and people belong in it, never anybody's words. */
export function context(pieces: readonly Line[]): ContextBlock {
  return {
    type: "context",
    elements: pieces
      .slice(0, limits.contextElements)
      .map((line) => ({ type: "mrkdwn" as const, text: filledMarkup(plainLine(line, 250)), verbatim: true })),
  };
}

/** Pairs of a title and a value, two in a row. */
export function fields(pairs: readonly (readonly [title: string, value: Line])[]): SectionBlock {
  return {
    type: "section",
    fields: pairs.slice(0, limits.fields).map(([title, value]) => ({
      type: "mrkdwn" as const,
      text: `*${escapeText(title)}*\n${filledMarkup(plainLine(value, 200))}`,
      verbatim: true,
    })),
  };
}

/** No block at all when there is no button: Slack refuses an empty one. */
export function actions(buttons: readonly ButtonOf[]): ActionsBlock[] {
  return buttons.length === 0
    ? []
    : [{ type: "actions", elements: buttons.slice(0, limits.actionsElements).map(button) }];
}

function button({ action, label, value, style, confirm }: ButtonOf): Button {
  return {
    type: "button",
    action_id: action,
    text: plain(label, limits.button),
    value: JSON.stringify(value),
    ...(style === undefined ? {} : { style }),
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            title: plain(confirm.title, limits.confirmTitle),
            text: plain(confirm.text, limits.confirmText),
            confirm: plain(confirm.yes, limits.confirmButton),
            deny: plain("Not now", limits.confirmButton),
            ...(style === undefined ? {} : { style }),
          },
        }),
  };
}

function filledMarkup(text: string): string {
  return text.trim() === "" ? "-" : text;
}
