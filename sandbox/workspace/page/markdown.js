import { h } from "./dom.js";
import { link } from "./mrkdwn.js";

/** A markdown block: headings, lists, quotes, code, and inline marks. */
export function markdown(source) {
  return source.split(/```[^\n]*\n([\s\S]*?)```/).flatMap((part, index) => {
    if (index % 2 === 1) return [h("pre", { class: "code-block" }, part.replace(/\n$/, ""))];
    return part.split(/\n{2,}/).map(paragraph);
  });
}

function paragraph(text) {
  const trimmed = text.replace(/^\n+|\n+$/g, "");
  if (trimmed === "") return undefined;
  const heading = /^(#{1,6}) (.*)$/.exec(trimmed);
  if (heading !== null) return h(heading[1].length < 3 ? "h3" : "h4", {}, inline(heading[2]));
  const lines = trimmed.split("\n");
  if (lines.every((line) => /^\s*[-*] /.test(line))) return list("ul", lines, /^\s*[-*] /);
  if (lines.every((line) => /^\s*\d+[.)] /.test(line))) return list("ol", lines, /^\s*\d+[.)] /);
  if (lines.every((line) => line.startsWith(">")))
    return h("blockquote", {}, withBreaks(lines.map((l) => l.replace(/^> ?/, ""))));
  return h("p", {}, withBreaks(lines));
}

function list(tag, lines, bullet) {
  return h(
    tag,
    {},
    lines.map((line) => h("li", {}, inline(line.replace(bullet, "")))),
  );
}

function withBreaks(lines) {
  return lines.flatMap((line, index) => (index === 0 ? inline(line) : [h("br"), ...inline(line)]));
}

const token = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|~~([^~]+)~~|\[([^\]]+)\]\(([^)\s]+)\)/g;

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    if (match.index > end) nodes.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const [, code, bold, bold2, italic, strike, label, url] = match;
    if (code !== undefined) nodes.push(h("code", {}, code));
    else if (bold !== undefined || bold2 !== undefined) nodes.push(h("strong", {}, inline(bold ?? bold2)));
    else if (italic !== undefined) nodes.push(h("em", {}, inline(italic)));
    else if (strike !== undefined) nodes.push(h("s", {}, strike));
    else nodes.push(link(url, label));
  }
  if (end < text.length) nodes.push(text.slice(end));
  return nodes;
}
