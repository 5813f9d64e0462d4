import { h, icon } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { richText } from "./rich-text.js";

const folds = new Map();

/** A titled frame around other blocks, folded if it says so; what the reader opened stays open. */
export function container(block, children, text) {
  const head = h(
    block.is_collapsible === true ? "summary" : "header",
    { class: "container-head" },
    block.is_collapsible === true ? icon("chevron", "icon fold") : undefined,
    h(
      "span",
      {},
      block.title === undefined ? undefined : h("span", { class: "container-title" }, plain(block.title.text)),
      block.rich_text_title === undefined ? undefined : richText(block.rich_text_title),
      block.subtitle === undefined ? undefined : h("span", { class: "container-subtitle" }, text(block.subtitle)),
    ),
  );
  const inside = h("div", { class: "container-body" }, children(block.child_blocks));
  if (block.is_collapsible !== true) return h("section", { class: "container" }, head, inside);
  const key = block.block_id;
  const node = h(
    "details",
    { class: "container", open: folds.get(key) ?? block.default_collapsed !== true },
    head,
    inside,
  );
  node.addEventListener("toggle", () => folds.set(key, node.open));
  return node;
}

/** A table; the first row is its head. */
export function table(block) {
  const [head = [], ...rows] = block.rows;
  const settings = block.column_settings ?? [];
  const row = (cells, tag) =>
    h(
      "tr",
      {},
      cells.map((cell, column) => h(tag, { class: `align-${settings[column]?.align ?? "left"}` }, cellText(cell))),
    );
  return h(
    "div",
    { class: "table-frame" },
    h(
      "table",
      {},
      block.caption === undefined ? undefined : h("caption", {}, block.caption),
      h("thead", {}, row(head, "th")),
      h(
        "tbody",
        {},
        rows.map((cells) => row(cells, "td")),
      ),
    ),
  );
}

/** A card: title, subtitle, body and up to three buttons. */
export function card(block, text, button) {
  const line = (name) =>
    block[name] === undefined ? undefined : h("div", { class: `card-${name}` }, text(block[name]));
  return h(
    "section",
    { class: "card" },
    line("title"),
    line("subtitle"),
    line("body"),
    line("subtext"),
    block.actions === undefined ? undefined : h("div", { class: "card-actions" }, block.actions.map(button)),
  );
}

function cellText(cell) {
  if (cell.type === "rich_text") return richText(cell);
  return cell.text ?? String(cell.value);
}
