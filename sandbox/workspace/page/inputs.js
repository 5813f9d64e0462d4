import { h } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { act, store } from "./store.js";

/** An input block of a modal. `values` keeps what the person entered, by block id and action id. */
export function inputBlock(block, { viewId, values, errorOf, send }) {
  const { element } = block;
  const error = errorOf(block.block_id);
  const control = controlOf(element, block, viewId, values);
  control.setAttribute("data-action-id", element.action_id);
  control.setAttribute("data-block-id", block.block_id);
  if (block.dispatch_action === true) {
    control.addEventListener("change", () => void send(element, block.block_id, control.value));
  }
  const optional = block.optional === true ? h("span", { class: "optional" }, " (optional)") : undefined;
  return h(
    "div",
    { class: `input ${error === undefined ? "" : "has-error"}` },
    h("label", { class: "input-label" }, plain(block.label.text), optional, control),
    error === undefined
      ? undefined
      : h("div", { class: "input-error", role: "alert", "data-error": block.block_id }, error),
    block.hint === undefined ? undefined : h("div", { class: "input-hint" }, plain(block.hint.text)),
  );
}

function controlOf(element, block, viewId, values) {
  const entered = (values[block.block_id] ??= {});
  const remember = (value) => {
    entered[element.action_id] = value;
  };
  const current = entered[element.action_id];
  const draw = controls[element.type] ?? controls.plain_text_input;
  return draw(element, current, remember, { viewId, blockId: block.block_id });
}

function textBox(type) {
  return (element, current, remember) => {
    const tag = element.multiline === true ? "textarea" : "input";
    const node = h(tag, {
      class: "text-input",
      type: tag === "input" ? type : undefined,
      placeholder: element.placeholder?.text,
      maxlength: element.max_length,
      autofocus: element.focus_on_load,
      rows: tag === "textarea" ? 4 : undefined,
    });
    node.value = current ?? element.initial_value ?? element.initial_date ?? element.initial_time ?? "";
    node.addEventListener("input", () => remember(node.value === "" ? null : node.value));
    return node;
  };
}

function choice(options, initial) {
  return (element, current, remember) => {
    const node = h(
      "select",
      { class: "select" },
      h("option", { value: "" }, element.placeholder?.text ?? "Choose an option"),
      options(element).map((one) => h("option", { value: one.value }, one.text)),
    );
    node.value = current ?? initial(element) ?? "";
    node.addEventListener("change", () => remember(node.value === "" ? null : node.value));
    return node;
  };
}

function boxes(type) {
  return (element, current, remember, { blockId }) => {
    const initial = element.initial_options ?? (element.initial_option === undefined ? [] : [element.initial_option]);
    const picked = new Set([current ?? initial.map(({ value }) => value)].flat());
    const change = (value, on) => {
      if (type === "radio") picked.clear();
      if (on) picked.add(value);
      else picked.delete(value);
      remember(type === "radio" ? value : [...picked]);
    };
    return h(
      "span",
      { class: "boxes" },
      element.options.map((one) =>
        h(
          "label",
          { class: "box" },
          h("input", {
            type,
            name: blockId,
            "data-value": one.value,
            checked: picked.has(one.value),
            onchange: (event) => change(one.value, event.target.checked),
          }),
          plain(one.text.text),
        ),
      ),
    );
  };
}

const offered = new Map();

/** Options come from the app while the person types; the chosen one stays as a line that can be changed. */
function external(element, current, remember, { viewId, blockId }) {
  const list = h("div", { class: "offers" });
  const box = h("input", {
    class: "text-input",
    placeholder: element.placeholder?.text ?? "Type to search",
    autocomplete: "off",
  });
  box.value = offered.get(current)?.text.text ?? element.initial_option?.text.text ?? "";
  const choose = (one) => {
    box.value = one.text.text;
    remember(one.value);
    list.replaceChildren();
  };
  const ask = async () => {
    if (box.value.length < (element.min_query_length ?? 3)) return;
    const answer = await act("suggest", { viewId, actionId: element.action_id, blockId, text: box.value });
    for (const one of answer.options ?? []) offered.set(one.value, one);
    const line = (one) =>
      h(
        "button",
        { type: "button", class: "offer", "data-value": one.value, onclick: () => choose(one) },
        plain(one.text.text),
      );
    list.replaceChildren(...(answer.options ?? []).map(line));
  };
  box.addEventListener("input", () => void ask());
  box.addEventListener("focus", () => void ask());
  return h("span", { class: "external" }, box, list);
}

const flatOptions = (element) =>
  (element.options ?? (element.option_groups ?? []).flatMap(({ options }) => options)).map(({ value, text }) => ({
    value,
    text: text.text,
  }));
const persons = () =>
  store.state.users.filter((user) => user.is_bot !== true).map(({ id, name }) => ({ value: id, text: name }));
const channels = () => store.state.channels.map(({ id, name }) => ({ value: id, text: `#${name}` }));

const controls = {
  plain_text_input: textBox("text"),
  number_input: textBox("number"),
  email_text_input: textBox("email"),
  url_text_input: textBox("url"),
  datepicker: textBox("date"),
  timepicker: textBox("time"),
  static_select: choice(flatOptions, (element) => element.initial_option?.value),
  users_select: choice(persons, (element) => element.initial_user),
  channels_select: choice(channels, (element) => element.initial_channel),
  conversations_select: choice(channels, (element) => element.initial_conversation),
  checkboxes: boxes("checkbox"),
  multi_static_select: boxes("checkbox"),
  radio_buttons: boxes("radio"),
  external_select: external,
};
