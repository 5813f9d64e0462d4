/** What this page shows: who is looking, where, and the last state the workspace sent. */
export const store = {
  userId: undefined,
  channelId: undefined,
  threadTs: undefined,
  tab: "channel",
  state: undefined,
};

const listeners = new Set();
const lastRead = new Map();
let asking = false;
let askAgain = false;

export function onState(listener) {
  listeners.add(listener);
}

/** Asks for the state and tells every listener; calls that come meanwhile lead to one more question. */
export async function refresh() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    do {
      askAgain = false;
      await ask();
    } while (askAgain);
  } finally {
    asking = false;
  }
}

/** Changes who or where, puts it into the address, and shows it. */
export function go(change) {
  if (change.channelId !== undefined && change.channelId !== store.channelId && change.threadTs === undefined) {
    change.threadTs = null;
  }
  Object.assign(store, change);
  if (store.threadTs === null) store.threadTs = undefined;
  writeAddress();
  return refresh();
}

/** Takes who and where from the address: `#user=…&channel=…&thread=…`, or a permalink's path. */
export function readAddress() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const link = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(location.pathname);
  const query = new URLSearchParams(location.search);
  store.userId = hash.get("user") ?? store.userId ?? sessionStorage.getItem("user") ?? undefined;
  store.channelId = hash.get("channel") ?? link?.[1] ?? store.channelId;
  const linked = link === null ? undefined : (query.get("thread_ts") ?? `${link[2]}.${link[3]}`);
  store.threadTs = hash.get("thread") ?? (hash.has("channel") ? undefined : linked);
  store.tab = hash.get("tab") ?? "channel";
}

/** Does something as the person who is looking; resolves with the workspace's answer, or `{ error }`. */
export async function act(name, input) {
  try {
    const response = await fetch(`/act/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ userId: store.userId, ...input }),
    });
    return await response.json();
  } catch {
    return { error: "the workspace is not reachable" };
  }
}

export function userById(id) {
  return store.state?.users.find((user) => user.id === id);
}

export function channelById(id) {
  return store.state?.channels.find((channel) => channel.id === id);
}

/** Whether a channel has something this person has not seen, and how many of it ring them. */
export function unread(channel) {
  const seen = lastRead.get(`${store.userId} ${channel.id}`) ?? 0;
  return {
    isNew: Number(channel.latestTs ?? 0) > seen,
    rings: channel.mentionTs.filter((ts) => Number(ts) > seen).length,
  };
}

function writeAddress() {
  const hash = new URLSearchParams({ user: store.userId, channel: store.channelId });
  if (store.threadTs !== undefined) hash.set("thread", store.threadTs);
  if (store.tab !== "channel") hash.set("tab", store.tab);
  history.replaceState(null, "", `/#${hash}`);
  sessionStorage.setItem("user", store.userId);
}

async function ask() {
  const query = new URLSearchParams({ user: store.userId ?? "" });
  if (store.channelId !== undefined) query.set("channel", store.channelId);
  if (store.threadTs !== undefined) query.set("thread", store.threadTs);
  const response = await fetch(`/page/state?${query}`);
  if (!response.ok) throw new Error(`state: ${response.status}`);
  const state = await response.json();
  const people = state.users.filter((user) => user.is_bot !== true && user.deleted !== true);
  const isPerson = people.some(({ id }) => id === store.userId);
  if (!isPerson && people[0] !== undefined) {
    store.userId = people[0].id;
    askAgain = true;
  }
  if (isPerson && !state.channels.some(({ id }) => id === store.channelId) && state.channels[0] !== undefined) {
    store.channelId = state.channels[0].id;
    store.threadTs = undefined;
    askAgain = true;
  }
  if (askAgain && state.channels.length === 0) return;
  noteRead(state);
  store.state = state;
  for (const listener of listeners) listener(state);
}

function noteRead(state) {
  for (const channel of state.channels) {
    const key = `${store.userId} ${channel.id}`;
    const isOpen = channel.id === store.channelId && document.visibilityState === "visible";
    if (isOpen || !lastRead.has(key)) lastRead.set(key, Number(channel.latestTs ?? 0));
  }
}
