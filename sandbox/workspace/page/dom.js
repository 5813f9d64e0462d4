/**
 * Makes an element. Strings become text nodes, never markup. `attrs`: class, data-*, aria-*, any attribute; `on<event>`
 * adds a listener; undefined and false leave the attribute out.
 */
export function h(tag, attrs = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/** Appends nodes, strings, and lists of them; skips undefined and false. */
function append(parent, children) {
  for (const child of children.flat(Number.POSITIVE_INFINITY)) {
    if (child === undefined || child === null || child === false) continue;
    parent.append(child);
  }
}

/** Replaces the children of an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/**
 * Makes the children of `parent` be `items`, keeping the node of each item whose key and content are the same, so that
 * focus, open folds and running animations survive.
 */
export function reconcile(parent, items, keyOf, build) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const print = JSON.stringify(item);
    let node = old.get(key);
    if (node === undefined || node.print !== print) {
      const fresh = build(item);
      fresh.dataset.key = key;
      fresh.print = print;
      if (node !== undefined) {
        if (cursor === node) cursor = fresh;
        node.replaceWith(fresh);
      }
      node = fresh;
    }
    old.delete(key);
    if (node === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
  for (const node of old.values()) node.remove();
}

const svgSpace = "http://www.w3.org/2000/svg";

const shapes = {
  hash: "M6 3 4.5 13M11.5 3 10 13M2.5 6h11M2 10h11",
  lock: "M4.5 7.5h7v5.5h-7zM6 7.5V5.5a2 2 0 0 1 4 0v2",
  shared: "M6 11.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7M10 11.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7",
  check: "M3.5 8.5l3 3 6-7",
  cross: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  close: "M4 4l8 8M12 4l-8 8",
  reply: "M6.5 4 3 7.5 6.5 11M3 7.5h6a4 4 0 0 1 4 4",
  bubble: "M2.5 4.5h11v7H8l-3 2.5v-2.5H2.5z",
  more: "M4 8h.01M8 8h.01M12 8h.01",
  chevron: "M6 4l4 4-4 4",
  down: "M4 6l4 4 4-4",
  eye: "M1.5 8s2.5-4.5 6.5-4.5S14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 9.7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4",
  send: "M2.5 13.5 14 8 2.5 2.5 4.5 8zM4.5 8H14",
  key: "M9.2 7.6a3.2 3.2 0 1 0-1.6 1.6l1 1h1.6v1.6h1.6v1.6H14v-2.2z",
  home: "M2.5 7.5 8 3l5.5 4.5M4 6.5V13h8V6.5",
  warn: "M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.01",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.5v3.5M8 5v.01",
  link: "M6.5 9.5l3-3M7 4.5l1-1a2.8 2.8 0 0 1 4 4l-1 1M9 11.5l-1 1a2.8 2.8 0 0 1-4-4l1-1",
};

/** A 16 px line icon. */
export function icon(name, className = "icon") {
  const svg = document.createElementNS(svgSpace, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svgSpace, "path");
  path.setAttribute("d", shapes[name] ?? shapes.info);
  svg.append(path);
  return svg;
}
