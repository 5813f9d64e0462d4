import { fill, h, icon } from "./dom.js";
import { openMenu } from "./menu.js";
import { avatar, badges, nameOf } from "./people.js";
import { go, store, unread, userById } from "./store.js";

/** The channels and the conversations with the app. */
export function showSidebar(state) {
  const channels = state.channels.filter(({ kind }) => kind === "channel");
  const direct = state.channels.filter(({ kind }) => kind === "im");
  fill(
    document.getElementById("sidebar"),
    h("h2", {}, "Channels"),
    h(
      "ul",
      {},
      channels.map((channel) => entry(channel, channelIcon(channel), channel.name)),
    ),
    direct.length === 0 ? undefined : h("h2", {}, "Direct messages"),
    h(
      "ul",
      {},
      direct.map((channel) => entry(channel, avatar(channel.withUser, "avatar-small"), nameOf(channel.withUser))),
    ),
    state.home === undefined ? undefined : h("h2", {}, "Apps"),
    state.home === undefined ? undefined : h("ul", {}, homeEntry(state)),
    h("div", { class: "sidebar-foot" }, connection(state)),
  );
}

/** The workspace's name, and who is looking. */
export function showTopbar(state) {
  const me = userById(store.userId);
  const switcher = h(
    "button",
    { type: "button", class: "switcher", id: "act-as", "data-user": store.userId, title: "Act as somebody else" },
    h("span", { class: "switcher-hint" }, "Acting as"),
    avatar(store.userId, "avatar-small"),
    h("span", { class: "switcher-name" }, me?.name ?? ""),
    badges(me),
    icon("down", "icon icon-small"),
  );
  switcher.addEventListener("click", () => openMenu(switcher, people(state), "menu-people"));
  fill(
    document.getElementById("topbar"),
    h("div", { class: "team" }, h("span", { class: "team-mark" }, state.team.name[0]), h("span", {}, state.team.name)),
    h("div", { class: "topbar-note" }, "A workspace on this computer. Nothing here leaves it."),
    switcher,
  );
  document.title = `${me?.name ?? ""} · ${state.team.name}`;
}

/** The icon of a channel: public, private, or shared with another company. */
export function channelIcon(channel) {
  return icon(channel.isPrivate ? "lock" : "hash");
}

function entry(channel, picture, label) {
  const { isNew, rings } = unread(channel);
  const isHere = channel.id === store.channelId && store.tab === "channel";
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: `entry ${isHere ? "is-here" : ""} ${isNew ? "is-new" : ""}`,
        "data-channel": channel.id,
        "aria-current": isHere ? "page" : undefined,
        onclick: () => go({ channelId: channel.id, tab: "channel" }),
      },
      picture,
      h("span", { class: "entry-name" }, label),
      channel.isExtShared
        ? h("span", { class: "shared", title: "Shared with another company" }, icon("shared", "icon icon-small"))
        : undefined,
      rings > 0 ? h("span", { class: "rings" }, String(rings)) : undefined,
    ),
  );
}

function homeEntry(state) {
  const isHere = store.tab === "home";
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: `entry ${isHere ? "is-here" : ""}`,
        "data-home": true,
        onclick: () => go({ tab: "home", threadTs: null }),
      },
      avatar(state.app.userId, "avatar-small"),
      h("span", { class: "entry-name" }, state.app.name),
    ),
  );
}

function connection({ app }) {
  const text = app.connected ? `${app.name} is connected` : `${app.name} is not connected`;
  return h("span", { class: `connection ${app.connected ? "is-on" : ""}`, "data-connected": app.connected }, text);
}

function people(state) {
  const persons = state.users.filter((user) => user.is_bot !== true);
  return persons.map((user) => ({
    id: user.id,
    label: user.name,
    badges: badges(user),
    note: user.title ?? `@${user.handle}`,
    picture: avatar(user.id),
    disabled: user.deleted === true,
    run: () => go({ userId: user.id, tab: "channel" }),
  }));
}
