import { h } from "./dom.js";
import { mrkdwn, plain } from "./mrkdwn.js";

/** Asks an element's confirm question; resolves with whether the person confirmed. Escape means no. */
export function openConfirm(confirm) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "dialog dialog-confirm", "data-confirm": true });
    const end = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const style = confirm.style === "danger" ? "btn-danger" : "btn-primary";
    dialog.append(
      h("h2", {}, plain(confirm.title?.text ?? "Are you sure?")),
      h(
        "div",
        { class: "dialog-text" },
        confirm.text.type === "mrkdwn" ? mrkdwn(confirm.text.text) : plain(confirm.text.text),
      ),
      h(
        "div",
        { class: "dialog-buttons" },
        h(
          "button",
          { type: "button", class: "btn", "data-confirm-deny": true, onclick: () => end(false) },
          plain(confirm.deny?.text ?? "Cancel"),
        ),
        h(
          "button",
          { type: "button", class: `btn ${style}`, "data-confirm-ok": true, onclick: () => end(true) },
          plain(confirm.confirm?.text ?? "Yes"),
        ),
      ),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(false);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
