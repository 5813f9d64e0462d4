import { completions } from "./complete.js";
import { h, icon } from "./dom.js";
import { act, store } from "./store.js";
import { tell } from "./toasts.js";

const drafts = new Map();

/** A box to write in. `where()` gives the channel and, in a thread, its ts. Slash commands work in channels only. */
export function createComposer(parent, where) {
  const input = h("textarea", {
    rows: 1,
    class: "composer-input",
    "data-composer": where().threadTs === undefined ? "channel" : "thread",
    spellcheck: "false",
  });
  const list = h("div", { class: "suggestions", hidden: true });
  const send = h("button", { type: "button", class: "send", title: "Send", "data-send": true }, icon("send"));
  const hint = h("div", { class: "composer-hint" });
  parent.replaceChildren(h("div", { class: "composer" }, list, input, send), hint);
  const suggest = completions(input, list);
  const key = () => `${store.userId} ${where().channelId} ${where().threadTs ?? ""}`;
  let shownKey;

  const submit = async () => {
    const text = input.value.trim();
    if (text === "") return;
    input.value = "";
    drafts.delete(key());
    grow(input);
    const answer = await dispatch(text, where());
    if (answer.error !== undefined && input.value === "") {
      input.value = text;
      grow(input);
    }
  };
  input.addEventListener("input", () => {
    drafts.set(key(), input.value);
    grow(input);
    suggest.update();
  });
  input.addEventListener("keydown", (event) => {
    if (suggest.handleKey(event)) return;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    suggest.close();
    void submit();
  });
  send.addEventListener("click", () => void submit());

  return {
    /** Shows the draft and the hint of the place that is open now. */
    show(placeholder, hintText) {
      input.placeholder = placeholder;
      hint.textContent = hintText;
      if (shownKey === key()) return;
      shownKey = key();
      input.value = drafts.get(shownKey) ?? "";
      grow(input);
    },
    focus: () => input.focus(),
  };
}

async function dispatch(text, { channelId, threadTs }) {
  const [, command, rest] = /^(\/[a-z0-9_-]+)\s*([\s\S]*)$/.exec(text) ?? [];
  if (command === undefined)
    return tell(await act("say", { channelId, text, ...(threadTs === undefined ? {} : { threadTs }) }));
  if (threadTs !== undefined) return tell({ error: `${command} does not work in threads: mention the app instead` });
  return tell(await act("slash", { channelId, command, text: rest }), command);
}

function grow(input) {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
}
