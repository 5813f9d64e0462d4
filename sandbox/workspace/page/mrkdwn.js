import { h } from "./dom.js";
import { emojiNode } from "./emoji.js";
import { channelById, store, userById } from "./store.js";

/** Message text with Slack's markup, as DOM nodes. Text is only ever put into text nodes. */
export function mrkdwn(source) {
  return source.split(/```\n?([\s\S]*?)```/).flatMap((part, index) => {
    if (index % 2 === 1) return [h("pre", { class: "code-block" }, unescape(part.replace(/\n$/, "")))];
    return lines(part);
  });
}

/** Plain text: emoji names are drawn, nothing else is markup. */
export function plain(source) {
  return source.split(/(:[a-z0-9_+-]+:)/).map((part) => emojiNode(part) ?? part);
}

/** A mention of a person, as rich text and mrkdwn show it. */
export function personMention(id, label) {
  const user = userById(id);
  const self = id === store.userId ? " mention-self" : "";
  return h("span", { class: `mention${self}`, "data-user": id }, `@${user?.name ?? label ?? id}`);
}

export function groupMention(id, label) {
  const group = store.state?.groups.find((one) => one.id === id);
  return h("span", { class: "mention" }, `@${group?.handle ?? (label ?? id).replace(/^@/, "")}`);
}

export function channelMention(id, label) {
  return h("span", { class: "mention" }, `#${channelById(id)?.name ?? label ?? id}`);
}

/** A web link; anything that is not http(s) or mailto stays text. */
export function link(url, label) {
  if (!/^(https?:\/\/|mailto:)/.test(url)) return label ?? url;
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label ?? url);
}

/** `{date_short} at {time}` and its like, in the reader's own time zone; the exact UTC time on hover. */
export function date(seconds, format, fallback) {
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime())) return fallback;
  const text = format.replace(/\{(\w+)\}/g, (whole, token) => formatted(when, token) ?? whole);
  return h("time", { datetime: when.toISOString(), title: fallback ?? when.toISOString(), class: "date" }, text);
}

function lines(text) {
  const nodes = [];
  let quote;
  for (const [index, line] of text.split("\n").entries()) {
    const quoted = /^(&gt;|>) ?(.*)$/.exec(line);
    if (quoted !== null) {
      if (quote === undefined) nodes.push((quote = h("blockquote", {})));
      else quote.append(h("br"));
      quote.append(...inline(quoted[2]));
      continue;
    }
    if (index > 0 && quote === undefined) nodes.push(h("br"));
    quote = undefined;
    nodes.push(...inline(line));
  }
  return nodes;
}

const token = /`([^`\n]+)`|<([^<>\n]+)>|(:[a-z0-9_+-]+:)|(?<![A-Za-z0-9])([*_~])(?=\S)([^\n]*?\S)\4(?![A-Za-z0-9])/g;

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    if (match.index > end) nodes.push(unescape(text.slice(end, match.index)));
    end = match.index + match[0].length;
    const [whole, code, special, emoji, mark, styled] = match;
    if (code !== undefined) nodes.push(h("code", {}, unescape(code)));
    else if (special !== undefined) nodes.push(specialNode(special));
    else if (emoji !== undefined) nodes.push(emojiNode(emoji) ?? whole);
    else nodes.push(h(mark === "*" ? "strong" : mark === "_" ? "em" : "s", {}, inline(styled)));
  }
  if (end < text.length) nodes.push(unescape(text.slice(end)));
  return nodes;
}

function specialNode(special) {
  const [target, label] = cut(special, "|");
  if (target.startsWith("@")) return personMention(target.slice(1), label);
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!subteam^")) return groupMention(target.slice(9), label);
  if (target.startsWith("!date^")) {
    const [, seconds, format] = target.split("^");
    return date(seconds, unescape(format ?? ""), label === undefined ? undefined : unescape(label));
  }
  if (/^!(here|channel|everyone)$/.test(target))
    return h("span", { class: "mention mention-all" }, `@${target.slice(1)}`);
  return link(unescape(target), label === undefined ? undefined : unescape(label));
}

function cut(text, separator) {
  const index = text.indexOf(separator);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

const clock = { hour: "2-digit", minute: "2-digit", hour12: false };

function formatted(when, name) {
  const as = (options) => new Intl.DateTimeFormat("en-GB", options).format(when);
  if (name === "time") return as(clock);
  if (name === "time_secs") return as({ ...clock, second: "2-digit" });
  if (name === "date_num") return when.toISOString().slice(0, 10);
  if (name === "ago") return ago(when);
  const day = dayName(when);
  if (name === "date" || name === "date_long")
    return as({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
  if (name === "date_short") return as({ day: "numeric", month: "short", year: "numeric" });
  if (name === "date_pretty" || name === "date_long_pretty") return day ?? as({ day: "numeric", month: "long" });
  if (name === "date_short_pretty") return day ?? as({ day: "numeric", month: "short" });
  return undefined;
}

function dayName(when) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(when) - midnight(new Date())) / 86_400_000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
}

function ago(when) {
  const minutes = Math.round((when.getTime() - Date.now()) / 60_000);
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(minutes, "minute");
}
