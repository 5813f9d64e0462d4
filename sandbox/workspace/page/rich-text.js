import { h } from "./dom.js";
import { emojiNode } from "./emoji.js";
import { channelMention, date, groupMention, link, personMention } from "./mrkdwn.js";

/** A rich_text block, also inside task cards and table cells. */
export function richText(block) {
  return h("div", { class: "rich-text" }, (block.elements ?? []).map(part));
}

function part(element) {
  if (element.type === "rich_text_list") {
    const tag = element.style === "ordered" ? "ol" : "ul";
    const className = `indent-${Math.min(element.indent ?? 0, 3)}`;
    return h(
      tag,
      { class: className },
      element.elements.map((item) => h("li", {}, item.elements.map(inline))),
    );
  }
  const tag = { rich_text_preformatted: "pre", rich_text_quote: "blockquote" }[element.type] ?? "div";
  const className = { rich_text_preformatted: "code-block", rich_text_section: "rich-section" }[element.type];
  return h(tag, { class: className }, element.elements.map(inline));
}

function inline(element) {
  return styled(node(element), element.style);
}

function node(element) {
  switch (element.type) {
    case "text":
      return withBreaks(element.text);
    case "link":
      return link(element.url, element.text);
    case "emoji":
      return emojiNode(`:${element.name}:`) ?? `:${element.name}:`;
    case "user":
      return personMention(element.user_id);
    case "usergroup":
      return groupMention(element.usergroup_id);
    case "channel":
      return channelMention(element.channel_id);
    case "broadcast":
      return h("span", { class: "mention mention-all" }, `@${element.range}`);
    case "date":
      return date(element.timestamp, element.format, element.fallback);
    default:
      return element.value ?? "";
  }
}

function withBreaks(text) {
  return text.split("\n").flatMap((line, index) => (index === 0 ? [line] : [h("br"), line]));
}

const tags = { code: "code", strike: "s", italic: "em", bold: "strong", underline: "u" };

function styled(content, style = {}) {
  return Object.entries(tags).reduce(
    (inner, [name, tag]) => (style[name] === true ? h(tag, {}, inner) : inner),
    content,
  );
}
