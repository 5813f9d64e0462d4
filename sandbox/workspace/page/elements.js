import { openConfirm } from "./confirm.js";
import { h, icon } from "./dom.js";
import { plain } from "./mrkdwn.js";

/**
 * An interactive element in a message or a view. `place.send(element, blockId, value)` does the press and resolves with
 * the workspace's answer; the element shows that it is busy, and a warning when nothing answered.
 */
export function element(item, blockId, place) {
  if (item.type === "button") return button(item, blockId, place);
  if (item.type === "overflow") return overflow(item, blockId, place);
  if (item.type === "image") return h("span", { class: "thumb", title: item.alt_text }, item.alt_text);
  return select(item, blockId, place);
}

function button(item, blockId, place) {
  const node = h(
    "button",
    {
      type: "button",
      class: `btn ${item.style === undefined ? "" : `btn-${item.style}`}`,
      "data-action-id": item.action_id,
      "data-block-id": blockId,
      "data-value": item.value,
      "aria-label": item.accessibility_label,
    },
    plain(item.text.text),
    item.url === undefined ? undefined : icon("link", "icon icon-small"),
  );
  node.addEventListener("click", async () => {
    if (item.confirm !== undefined && !(await openConfirm(item.confirm))) return;
    if (item.url !== undefined) window.open(item.url, "_blank", "noopener,noreferrer");
    await busy(node, () => place.send(item, blockId, item.value));
  });
  return node;
}

function overflow(item, blockId, place) {
  const menu = h(
    "select",
    {
      class: "select select-overflow",
      "data-action-id": item.action_id,
      "data-block-id": blockId,
      "aria-label": "More actions",
    },
    h("option", { value: "" }, "···"),
    item.options.map((one) => h("option", { value: one.value }, one.text.text)),
  );
  return choosing(menu, item, blockId, place, true);
}

function select(item, blockId, place) {
  const options = item.options ?? (item.option_groups ?? []).flatMap((group) => group.options);
  const current = (place.stateOf?.(blockId, item.action_id) ?? {}).selected_option ?? item.initial_option;
  const node = h(
    "select",
    { class: "select", "data-action-id": item.action_id, "data-block-id": blockId },
    h("option", { value: "", disabled: true }, item.placeholder?.text ?? "Choose an option"),
    options.map((one) => h("option", { value: one.value }, one.text.text)),
  );
  node.value = current?.value ?? "";
  return choosing(node, item, blockId, place, false);
}

function choosing(node, item, blockId, place, forgets) {
  let before = node.value;
  node.addEventListener("change", async () => {
    const value = node.value;
    if (item.confirm !== undefined && !(await openConfirm(item.confirm))) {
      node.value = before;
      return;
    }
    if (forgets) node.value = "";
    else before = value;
    await busy(node, () => place.send(item, blockId, value));
  });
  return node;
}

async function busy(node, press) {
  node.classList.add("is-busy");
  node.classList.remove("is-failed");
  const answer = await press();
  node.classList.remove("is-busy");
  const problem = answer.error ?? answer.notice;
  if (problem === undefined) return;
  node.classList.add("is-failed");
  node.title = problem;
}
