import { h, icon } from "./dom.js";
import { element } from "./elements.js";
import { card, container, table } from "./frames.js";
import { markdown } from "./markdown.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { richText } from "./rich-text.js";
import { plan, taskCard } from "./tasks.js";

/** Blocks as DOM. `place`: where they stand and how their elements are pressed (see elements.js). */
export function blocks(list, place) {
  return list.map((block) => {
    const draw = drawers[block.type];
    const body = draw === undefined ? h("div", { class: "unknown" }, `(${block.type})`) : draw(block, place);
    body.classList.add("block", `block-${block.type}`);
    if (block.block_id !== undefined) body.setAttribute("data-block-id", block.block_id);
    return body;
  });
}

/** A text object: mrkdwn or plain. */
function text(object) {
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text);
}

const alertIcons = { warning: "warn", error: "warn", success: "check" };

const drawers = {
  header: (block) => h("h3", {}, plain(block.text.text)),
  divider: () => h("hr"),
  section: (block, place) =>
    h(
      "div",
      {},
      h(
        "div",
        { class: "section-body" },
        block.text === undefined ? undefined : h("div", { class: "section-text" }, text(block.text)),
        block.fields === undefined
          ? undefined
          : h(
              "div",
              { class: "fields" },
              block.fields.map((field) => h("div", { class: "field" }, text(field))),
            ),
      ),
      block.accessory === undefined
        ? undefined
        : h("div", { class: "accessory" }, element(block.accessory, block.block_id, place)),
    ),
  context: (block) =>
    h(
      "div",
      {},
      block.elements.map((item) =>
        h("span", { class: "context-item" }, item.type === "image" ? item.alt_text : text(item)),
      ),
    ),
  actions: (block, place) =>
    h(
      "div",
      {},
      block.elements.map((item) => element(item, block.block_id, place)),
    ),
  image: (block) => h("figure", {}, h("div", { class: "picture" }, block.alt_text)),
  rich_text: (block) => h("div", {}, richText(block)),
  markdown: (block) => h("div", {}, markdown(block.text)),
  alert: (block) =>
    h(
      "div",
      { class: `level-${block.level ?? "default"}`, role: "alert" },
      icon(alertIcons[block.level] ?? "info"),
      h("div", {}, text(block.text)),
    ),
  plan: (block) => plan(block),
  task_card: (block) => h("div", { class: "plan" }, h("ol", { class: "tasks" }, taskCard(block))),
  table: (block) => table(block),
  data_table: (block) => table(block),
  container: (block, place) => container(block, (children) => blocks(children, place), text),
  card: (block, place) => card(block, text, (item) => element(item, block.block_id, place)),
  input: (block, place) => place.input?.(block) ?? h("div", { class: "unknown" }, plain(block.label.text)),
};
