import { h } from "./dom.js";

/** A small menu below `anchor`; closes on a choice, on a click elsewhere, and on Escape. */
export function openMenu(anchor, items, className = "") {
  const overlay = document.getElementById("overlay");
  const close = () => overlay.replaceChildren();
  const choose = (item) => () => {
    close();
    void item.run();
  };
  const entries = items.map((item) =>
    h(
      "button",
      { type: "button", class: "menu-item", "data-menu-item": item.id, disabled: item.disabled, onclick: choose(item) },
      item.picture,
      h(
        "span",
        { class: "menu-label" },
        h("span", {}, item.label, item.badges),
        item.note === undefined ? undefined : h("small", {}, item.note),
      ),
    ),
  );
  const empty = items.length === 0 ? h("div", { class: "menu-empty" }, "Nothing here") : undefined;
  const menu = h("div", { class: `menu ${className}`, role: "menu" }, entries, empty);
  const shade = h("div", { class: "shade", onclick: close });
  overlay.replaceChildren(shade, menu);
  place(menu, anchor);
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  menu.querySelector("button:not([disabled])")?.focus();
}

function place(menu, anchor) {
  const at = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = at.bottom + 6 + height <= window.innerHeight;
  menu.style.left = `${Math.max(8, Math.min(at.right - width, window.innerWidth - width - 8))}px`;
  menu.style.top = below ? `${at.bottom + 6}px` : `${Math.max(8, at.top - height - 6)}px`;
}
