import { createComposer } from "./composer.js";
import { fill, h, icon } from "./dom.js";
import { showHome } from "./home.js";
import { showMessages } from "./messages.js";
import { showModal } from "./modal.js";
import { nameOf } from "./people.js";
import { channelIcon, showSidebar, showTopbar } from "./sidebar.js";
import { act, channelById, go, onState, readAddress, refresh, store } from "./store.js";
import { tell, toast } from "./toasts.js";

const at = (id) => document.getElementById(id);
const composer = createComposer(at("composer"), () => ({ channelId: store.channelId }));
const threadComposer = createComposer(at("thread-composer"), () => ({
  channelId: store.channelId,
  threadTs: store.threadTs ?? "none",
}));
const drawn = new Map();

onState((state) => {
  region("topbar", [state.team, state.users, store.userId], () => showTopbar(state));
  region(
    "sidebar",
    [state.channels, state.app, store.channelId, store.tab, store.userId, state.home !== undefined],
    () => showSidebar(state),
  );
  region("head", [channelById(store.channelId), store.tab], () => showHead(state));
  showMain(state);
  showThread(state);
  showModal(state);
});

readAddress();
listen();
addEventListener("hashchange", () => {
  readAddress();
  void refresh();
});
document.addEventListener("visibilitychange", () => void refresh());
await refresh();
composer.focus();

/** Draws a part of the page only when what it shows has changed. */
function region(name, shows, draw) {
  const print = JSON.stringify(shows);
  if (drawn.get(name) === print) return;
  drawn.set(name, print);
  draw();
}

function showMain(state) {
  const channel = channelById(store.channelId);
  const isHome = store.tab === "home";
  at("composer").hidden = isHome;
  if (isHome) return region("messages", [state.home], () => showHome(at("messages"), state.home));
  const moved = drawn.get("place") !== `${store.userId} ${store.channelId}`;
  if (moved) at("messages").replaceChildren();
  drawn.set("place", `${store.userId} ${store.channelId}`);
  drawn.delete("messages");
  showMessages(at("messages"), at("messages-scroll"), state.messages, false, introOf(state, channel));
  if (moved) at("messages-scroll").scrollTop = at("messages-scroll").scrollHeight;
  const to = channel?.kind === "im" ? nameOf(channel.withUser) : `#${channel?.name ?? ""}`;
  const [command] = state.commands;
  composer.show(`Message ${to}`, `Type ${command?.command ?? "/"} ${command?.usageHint ?? ""}`);
}

function introOf({ commands }, channel) {
  if (channel?.kind !== "channel") return undefined;
  const { id, name, topic } = channel;
  const [command] = commands;
  return { id, name, topic, hint: command === undefined ? undefined : `${command.command} help` };
}

function showThread(state) {
  const isOpen = store.threadTs !== undefined && store.tab === "channel";
  at("thread").hidden = !isOpen;
  document.body.classList.toggle("has-thread", isOpen);
  if (!isOpen) return drawn.delete("thread place");
  const channel = channelById(store.channelId);
  const place = `${store.userId} ${store.threadTs}`;
  const moved = drawn.get("thread place") !== place;
  drawn.set("thread place", place);
  if (moved) at("thread-messages").replaceChildren();
  region("thread head", [channel?.name], () =>
    fill(
      at("thread-head"),
      h("h1", {}, "Thread"),
      h("span", { class: "topic" }, `#${channel?.name ?? ""}`),
      h(
        "button",
        {
          type: "button",
          class: "tool",
          title: "Close the thread",
          "data-close-thread": true,
          onclick: () => go({ threadTs: null }),
        },
        icon("close"),
      ),
    ),
  );
  showMessages(at("thread-messages"), at("thread-scroll"), state.thread, true);
  if (moved) at("thread-scroll").scrollTop = at("thread-scroll").scrollHeight;
  threadComposer.show(
    "Reply…",
    `Slash commands do not work in threads: mention @${state.users.find(({ id }) => id === state.app.userId)?.handle}`,
  );
}

function showHead(state) {
  const channel = channelById(store.channelId);
  if (store.tab === "home") return fill(at("channel-head"), h("h1", {}, state.app.name));
  if (channel === undefined) return fill(at("channel-head"));
  const isDirect = channel.kind === "im";
  const invite = async () =>
    tell(
      await act("botMembership", { channelId: channel.id, isMember: true, byUserId: store.userId, userId: undefined }),
    );
  fill(
    at("channel-head"),
    h("h1", {}, isDirect ? undefined : channelIcon(channel), isDirect ? nameOf(channel.withUser) : channel.name),
    h("span", { class: "topic" }, channel.topic ?? ""),
    channel.isExtShared ? h("span", { class: "badge badge-external" }, "Shared with another company") : undefined,
    h("span", { class: "members" }, `${channel.memberCount} members`),
    channel.botIsMember
      ? undefined
      : h(
          "button",
          { type: "button", class: "btn btn-small", "data-invite": channel.id, onclick: () => void invite() },
          `Add ${state.app.name}`,
        ),
  );
}

function listen() {
  const events = new EventSource("/page/events");
  let wasLost = false;
  events.addEventListener("changed", () => void refresh());
  events.addEventListener("open", () => {
    if (wasLost) void refresh();
    wasLost = false;
  });
  events.addEventListener("error", () => {
    if (!wasLost) toast("The workspace is not reachable. Waiting for it.");
    wasLost = true;
  });
}
