import type { RichTextElement } from "@slack/types";
import { cut, oneLine } from "./limits.ts";

/** Somebody who is rung, by the id that Slack knows. */
export type Mention = { readonly kind: "user" | "group"; readonly id: string };

/**
 * A piece of a line, before it becomes rich text (where nothing in it is interpreted) or the escaped text that
 * notifications show. `text` holds no markup, whoever wrote it; `quoted` marks the words of a person.
 */
export type Part =
  | { readonly text: string; readonly bold?: boolean; readonly code?: boolean; readonly quoted?: boolean }
  | { readonly at: string }
  | { readonly mention: Mention }
  | { readonly channel: string }
  | { readonly emoji: string; readonly plain: string };

export type Line = readonly Part[];

const longestPart = 600;

/** Words of ours or of a system; ISO 8601 UTC times in them become dates in the reader's own zone. */
export function say(sentence: string): Part[] {
  return sentence
    .split(isoTime)
    .map((piece, index) => (index % 2 === 1 ? { at: piece } : { text: piece }))
    .filter((part) => "at" in part || part.text !== "");
}

/** The words of a person, in quotation marks, on one line. */
export function quote(words: string): Part {
  return { text: `“${cut(oneLine(words), longestPart)}”`, quoted: true };
}

export function bold(text: string): Part {
  return { text, bold: true };
}

export function code(text: string): Part {
  return { text, code: true };
}

export function person(id: string): Part {
  return { mention: { kind: "user", id } };
}

/** The line as elements of rich text, at most about `max` characters of text in it. */
export function richElements(line: Line, max = longestPart): RichTextElement[] {
  const elements: RichTextElement[] = [];
  let left = max;
  for (const part of line) {
    if (left <= 0) {
      break;
    }
    if ("text" in part) {
      const text = cut(spaced(part.text), left);
      left -= text.length;
      if (text !== "") {
        elements.push({ type: "text", text, ...styleOf(part) });
      }
    } else {
      left -= 20;
      elements.push(elementOf(part));
    }
  }
  return elements.length === 0 ? [{ type: "text", text: "-" }] : elements;
}

/** The line as a message's `text`: escaped, with mention and date tokens of ours only. */
export function plainLine(line: Line, max = longestPart): string {
  let left = max;
  return line
    .map((part) => {
      if (left <= 0) {
        return "";
      }
      const shown = "text" in part ? cut(spaced(part.text), left) : "";
      left -= "text" in part ? shown.length : 20;
      return "text" in part ? escaped(shown, part.quoted === true) : tokenOf(part);
    })
    .join("");
}

/** The date token of Slack, with an absolute fallback in UTC for clients that cannot show it. */
function dateToken(at: string): string {
  return `<!date^${String(unixSeconds(at))}^${dateFormat}|${utc(at)}>`;
}

/** "2026-11-21 14:30 UTC" */
export function utc(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** The three characters that Slack reserves, as entities: no mention, link or date can begin in it. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const dateFormat = "{date_short_pretty} {time}";
const isoTime = /(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z)/;

function elementOf(part: Exclude<Part, { text: string }>): RichTextElement {
  if ("at" in part) {
    return { type: "date", timestamp: unixSeconds(part.at), format: dateFormat, fallback: utc(part.at) };
  }
  if ("mention" in part) {
    return part.mention.kind === "user"
      ? { type: "user", user_id: idOnly(part.mention.id) }
      : { type: "usergroup", usergroup_id: idOnly(part.mention.id) };
  }
  return "channel" in part
    ? { type: "channel", channel_id: idOnly(part.channel) }
    : { type: "emoji", name: part.emoji };
}

function tokenOf(part: Exclude<Part, { text: string }>): string {
  if ("at" in part) {
    return dateToken(part.at);
  }
  if ("mention" in part) {
    return part.mention.kind === "user" ? `<@${idOnly(part.mention.id)}>` : `<!subteam^${idOnly(part.mention.id)}>`;
  }
  return "channel" in part ? `<#${idOnly(part.channel)}>` : part.plain;
}

function styleOf({ bold: isBold, code: isCode }: Extract<Part, { text: string }>) {
  const style = { ...(isBold === true ? { bold: true } : {}), ...(isCode === true ? { code: true } : {}) };
  return Object.keys(style).length === 0 ? {} : { style };
}

/** One line, but a space at either end stays: parts stand next to each other. */
function spaced(text: string): string {
  const line = oneLine(text);
  return `${/^\s/.test(text) && line !== "" ? " " : ""}${line}${/\s$/.test(text) ? " " : ""}`;
}

/** In the words of a person also the marks that `text` would take for formatting, and whatever would become a link. */
function escaped(text: string, quoted: boolean): string {
  const safe = escapeText(text);
  return quoted
    ? safe
        .replaceAll("*", "∗")
        .replaceAll("_", "＿")
        .replaceAll("~", "∼")
        .replaceAll("`", "ˋ")
        .replaceAll("://", ": //")
    : safe;
}

function idOnly(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9]/g, "").slice(0, 40);
}

function unixSeconds(at: string): number {
  return Math.floor(new Date(at).getTime() / 1000);
}
