import { blocks } from "./blocks.js";
import { h, icon, reconcile } from "./dom.js";
import { emojiNode } from "./emoji.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, badges, clockTime, nameOf } from "./people.js";
import { act, go, store, userById } from "./store.js";
import { tell } from "./toasts.js";

const groupedSeconds = 300;

/** Shows messages in `parent`, below an introduction if there is one, keeping what has not changed; follows the end when the reader was there. */
export function showMessages(parent, scroll, list, inThread, intro) {
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
  const days = withDays(list, inThread);
  const items = intro === undefined ? days : [{ key: `intro ${intro.id}`, intro }, ...days];
  reconcile(
    parent,
    items,
    (item) => item.key,
    (item) => draw(item, inThread),
  );
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
}

function draw(item, inThread) {
  if (item.intro !== undefined) return introduction(item.intro);
  if (item.label !== undefined) return separator(item.label);
  return messageRow(item.message, item, inThread);
}

/** What stands above the first message of a channel. */
function introduction({ name, topic, hint }) {
  return h(
    "section",
    { class: "introduction" },
    h("h2", {}, icon("hash"), name),
    topic === undefined ? undefined : h("p", {}, topic, "."),
    hint === undefined ? undefined : h("p", {}, "Start with ", h("code", {}, hint)),
  );
}

function withDays(list, inThread) {
  const items = [];
  let previous;
  for (const message of list) {
    const day = dayOf(message.ts);
    const isNewDay = previous === undefined || dayOf(previous.ts) !== day;
    if (isNewDay && !inThread) items.push({ key: `day ${day}`, label: dayLabel(day) });
    if (inThread && message === list[1]) items.push({ key: "replies", label: replyCount(list.length - 1) });
    items.push({
      key: `${message.ts} ${store.userId}`,
      message,
      follows: !isNewDay && !(inThread && message === list[1]) && follows(previous, message),
      people: peoplePrint(message),
    });
    previous = message;
  }
  return items;
}

function follows(previous, message) {
  const sameKind = previous.ephemeral === message.ephemeral && previous.userId === message.userId;
  return (
    sameKind &&
    !message.ephemeral &&
    Number(message.ts) - Number(previous.ts) < groupedSeconds &&
    previous.replyCount === 0 &&
    message.blocks.length === 0
  );
}

/** Names shown in a row: when a person is renamed or deactivated the row is drawn again. */
function peoplePrint(message) {
  const user = userById(message.userId);
  return `${user?.name} ${user?.deleted}`;
}

function messageRow(message, { follows: grouped }, inThread) {
  const className = [
    "message",
    grouped && "is-grouped",
    message.ephemeral && "is-ephemeral",
    message.rings && "is-ringing",
  ];
  return h(
    "article",
    {
      class: className.filter(Boolean).join(" "),
      "data-ts": message.ts,
      "data-channel": message.channelId,
      "data-user": message.userId,
      "data-ephemeral": message.ephemeral,
    },
    h("div", { class: "gutter" }, grouped ? clockTime(message.ts) : avatar(message.userId)),
    h(
      "div",
      { class: "message-main" },
      message.ephemeral
        ? h("div", { class: "only-you" }, icon("eye", "icon icon-small"), "Only visible to you")
        : undefined,
      grouped ? undefined : headLine(message),
      body(message),
      reactions(message),
      inThread || message.replyCount === 0 ? undefined : replyLine(message),
    ),
    message.ephemeral ? undefined : toolbar(message, inThread),
  );
}

function headLine(message) {
  return h(
    "div",
    { class: "message-head" },
    h("span", { class: "author" }, nameOf(message.userId)),
    badges(userById(message.userId)),
    clockTime(message.ts),
  );
}

function body(message) {
  const place = {
    stateOf: (blockId, actionId) => message.state[blockId]?.[actionId],
    send: async (element, blockId, value) => {
      const { channelId, ts } = message;
      return tell(await act("press", { channelId, ts, actionId: element.action_id, blockId, value }));
    },
  };
  const hasBlocks = message.blocks.length > 0;
  const edited = message.edited && !hasBlocks ? h("span", { class: "edited" }, " (edited)") : undefined;
  if (hasBlocks) return h("div", { class: "message-blocks" }, blocks(message.blocks, place));
  return h("div", { class: "message-text" }, mrkdwn(message.text), edited);
}

function reactions(message) {
  if (message.reactions.length === 0) return undefined;
  const chip = ({ name, users }) =>
    h("span", { class: "reaction" }, emojiNode(`:${name}:`) ?? `:${name}:`, ` ${users.length}`);
  return h("div", { class: "reactions" }, message.reactions.map(chip));
}

function replyLine(message) {
  return h(
    "button",
    {
      type: "button",
      class: "replies",
      "data-open-thread": message.ts,
      onclick: () => go({ threadTs: message.ts, tab: "channel" }),
    },
    message.replyUsers.map((id) => avatar(id, "avatar-small")),
    h("span", { class: "replies-count" }, replyCount(message.replyCount)),
    h("span", { class: "replies-last" }, "last at ", clockTime(message.latestReplyTs)),
  );
}

function replyCount(count) {
  return count === 1 ? "1 reply" : `${count} replies`;
}

function toolbar(message, inThread) {
  const root = message.threadTs ?? message.ts;
  const reply = h(
    "button",
    {
      type: "button",
      class: "tool",
      title: "Reply in thread",
      "data-reply": message.ts,
      onclick: () => go({ threadTs: root }),
    },
    icon("bubble"),
  );
  const more = h("button", { type: "button", class: "tool", title: "More", "data-menu": message.ts }, icon("more"));
  more.addEventListener("click", () => openMenu(more, menuItems(message)));
  return h("div", { class: "toolbar" }, inThread ? undefined : reply, more);
}

function menuItems(message) {
  const { app, shortcuts } = store.state;
  const run = (callbackId, name) => async () =>
    tell(await act("messageShortcut", { channelId: message.channelId, ts: message.ts, callbackId }), name);
  const entries = shortcuts.filter(({ type }) => type === "message");
  return entries.map(({ name, callbackId }) => ({
    label: name,
    note: app.name,
    id: callbackId,
    run: run(callbackId, name),
  }));
}

function dayOf(ts) {
  return new Date(Number(ts) * 1000).toDateString();
}

function dayLabel(day) {
  if (new Date().toDateString() === day) return "Today";
  return new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" }).format(new Date(day));
}

function separator(label) {
  return h("div", { class: "day" }, h("span", {}, label));
}
