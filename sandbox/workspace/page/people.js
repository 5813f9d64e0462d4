import { h, icon } from "./dom.js";
import { store, userById } from "./store.js";

/** The square picture of a person or of the app. */
export function avatar(userId, size = "") {
  if (userId === store.state.app.userId) return h("span", { class: `avatar avatar-app ${size}` }, icon("key"));
  const user = userById(userId);
  const initials = (user?.name ?? "?")
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word[0])
    .join("");
  return h("span", { class: `avatar hue-${hue(userId)} ${size}`, "aria-hidden": "true" }, initials);
}

export function nameOf(userId) {
  return userById(userId)?.name ?? userId;
}

/** Guest, external, deactivated, app: what makes a person's clicks count differently. */
export function badges(user) {
  const list = [];
  if (user?.is_bot === true) list.push("App");
  if (user?.is_restricted === true || user?.is_ultra_restricted === true) list.push("Guest");
  if (user?.is_stranger === true) list.push("External");
  if (user?.deleted === true) list.push("Deactivated");
  return list.map((label) => h("span", { class: `badge badge-${label.toLowerCase()}` }, label));
}

/** 14:05, in the reader's zone; the full date on hover. */
export function clockTime(ts) {
  const when = new Date(Number(ts) * 1000);
  const text = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(when);
  return h("time", { class: "clock", datetime: when.toISOString(), title: when.toISOString() }, text);
}

function hue(id) {
  return (
    Math.max(
      0,
      store.state.users.findIndex((user) => user.id === id),
    ) % 7
  );
}
