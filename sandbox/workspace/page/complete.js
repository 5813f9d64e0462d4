import { h } from "./dom.js";
import { avatar } from "./people.js";
import { store } from "./store.js";

/** Suggestions above a text box: commands at the start, people and groups after @, channels after #. */
export function completions(input, list) {
  let items = [];
  let chosen = 0;

  const close = () => {
    items = [];
    list.hidden = true;
  };
  const take = (item) => {
    const start = input.selectionStart - item.typed.length;
    input.setRangeText(`${item.insert} `, start, input.selectionStart, "end");
    input.dispatchEvent(new Event("input"));
    close();
    input.focus();
  };
  const draw = () => {
    list.hidden = items.length === 0;
    list.replaceChildren(
      ...items.map((item, index) =>
        h(
          "button",
          {
            type: "button",
            class: `suggestion ${index === chosen ? "is-chosen" : ""}`,
            "data-suggestion": item.insert,
            onmousedown: (event) => {
              event.preventDefault();
              take(item);
            },
          },
          item.picture,
          h("strong", {}, item.label),
          h("span", {}, item.note ?? ""),
        ),
      ),
    );
  };
  return {
    close,
    update() {
      items = matches(input.value.slice(0, input.selectionStart)).slice(0, 8);
      chosen = 0;
      draw();
    },
    /** True when the key was for the list. */
    handleKey(event) {
      if (items.length === 0) return false;
      if (event.key === "Escape") close();
      else if (event.key === "ArrowDown") chosen = (chosen + 1) % items.length;
      else if (event.key === "ArrowUp") chosen = (chosen + items.length - 1) % items.length;
      else if (event.key === "Tab" || (event.key === "Enter" && !items[chosen].isWhole)) take(items[chosen]);
      else return false;
      event.preventDefault();
      draw();
      return true;
    },
  };
}

function matches(before) {
  const [, sign, typed] = /(?:^|\s)([@#])([\w.-]*)$/.exec(before) ?? [];
  const { state } = store;
  if (sign === "@") return [...peopleLike(state, typed), ...groupsLike(state, typed)].sort((a, b) => a.rank - b.rank);
  if (sign === "#") {
    const like = state.channels.filter(({ kind, name }) => kind === "channel" && name.startsWith(typed));
    return like.map(({ name }) => ({
      insert: `#${name}`,
      label: `#${name}`,
      typed: `#${typed}`,
      isWhole: name === typed,
    }));
  }
  if (!/^\/\w*$/.test(before)) return [];
  return state.commands
    .filter(({ command }) => command.startsWith(before))
    .map(({ command, usageHint }) => ({
      insert: command,
      label: command,
      note: usageHint,
      typed: before,
      isWhole: command === before,
    }));
}

function peopleLike({ users }, typed) {
  const wanted = typed.toLowerCase();
  const like = users.filter(
    (user) => user.deleted !== true && (user.handle.startsWith(wanted) || user.name.toLowerCase().includes(wanted)),
  );
  return like.map(({ id, handle, name, is_bot: isBot }) => ({
    rank: isBot === true ? 0 : 2,
    insert: `@${handle}`,
    label: name,
    note: `@${handle}`,
    typed: `@${typed}`,
    picture: avatar(id, "avatar-small"),
    isWhole: handle === typed,
  }));
}

function groupsLike({ groups }, typed) {
  const like = groups.filter(({ handle }) => handle.startsWith(typed));
  return like.map(({ handle, name }) => ({
    rank: 1,
    insert: `@${handle}`,
    label: `@${handle}`,
    note: name,
    typed: `@${typed}`,
    isWhole: handle === typed,
  }));
}
