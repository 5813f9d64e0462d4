import { blocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { inputBlock } from "./inputs.js";
import { plain } from "./mrkdwn.js";
import { avatar } from "./people.js";
import { act, store } from "./store.js";
import { tell } from "./toasts.js";

let shown;

/** Shows the modal on top of the person's stack, or none. What was entered survives until the view changes. */
export function showModal(state) {
  const view = state.views.at(-1);
  if (view === undefined) return hide();
  const print = `${store.userId} ${view.id} ${view.hash}`;
  if (shown?.print === print) return;
  const values = shown?.viewId === view.id ? shown.values : {};
  hide();
  const dialog = h("dialog", {
    class: "dialog dialog-view",
    "data-view-id": view.id,
    "data-callback-id": view.callback_id,
  });
  shown = { print, viewId: view.id, values, errors: {}, dialog, view };
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    void close();
  });
  draw();
  document.body.append(dialog);
  dialog.showModal();
}

function hide() {
  shown?.dialog.remove();
  shown = undefined;
}

function draw() {
  const { dialog, view, values, errors } = shown;
  const send = async (element, blockId, value) => {
    const input = { viewId: view.id, actionId: element.action_id, blockId, values: cleaned(values) };
    return tell(await act("pressInView", value === undefined ? input : { ...input, value }));
  };
  const place = {
    send,
    input: (block) => inputBlock(block, { viewId: view.id, values, errorOf: (id) => errors[id], send }),
  };
  dialog.replaceChildren(
    h(
      "header",
      { class: "dialog-head" },
      avatar(store.state.app.userId, "avatar-small"),
      h("h2", {}, plain(view.title?.text ?? "")),
      h(
        "button",
        { type: "button", class: "tool", title: "Close", "data-close": true, onclick: () => void close() },
        icon("close"),
      ),
    ),
    h("div", { class: "dialog-body" }, blocks(view.blocks, place)),
    h(
      "footer",
      { class: "dialog-buttons" },
      h(
        "button",
        { type: "button", class: "btn", "data-cancel": true, onclick: () => void close() },
        plain(view.close?.text ?? "Cancel"),
      ),
      view.submit === null || view.submit === undefined
        ? undefined
        : h(
            "button",
            { type: "button", class: "btn btn-primary", "data-submit": true, onclick: () => void submit() },
            plain(view.submit.text),
          ),
    ),
  );
}

async function submit() {
  const current = shown;
  const button = current.dialog.querySelector("[data-submit]");
  button.classList.add("is-busy");
  const answer = await act("submitView", { viewId: current.viewId, values: cleaned(current.values) });
  if (shown !== current) return;
  button.classList.remove("is-busy");
  current.errors = answer.errors ?? {};
  tell(answer);
  if (answer.errors !== undefined) draw();
}

async function close() {
  const { viewId } = shown;
  tell(await act("closeView", { viewId }));
}

/** Only blocks in which something was entered. */
function cleaned(values) {
  return Object.fromEntries(Object.entries(values).filter(([, block]) => Object.keys(block).length > 0));
}
