import { h, icon } from "./dom.js";

const names = {
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  x: "❌",
  no_entry: "⛔",
  no_entry_sign: "🚫",
  warning: "⚠️",
  rotating_light: "🚨",
  lock: "🔒",
  unlock: "🔓",
  closed_lock_with_key: "🔐",
  key: "🔑",
  old_key: "🗝️",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  stopwatch: "⏱️",
  alarm_clock: "⏰",
  eyes: "👀",
  raised_hand: "✋",
  hand: "✋",
  arrow_right: "➡️",
  leftwards_arrow_with_hook: "↩️",
  arrows_counterclockwise: "🔄",
  repeat: "🔁",
  white_circle: "⚪",
  large_blue_circle: "🔵",
  large_green_circle: "🟢",
  red_circle: "🔴",
  large_yellow_circle: "🟡",
  black_circle: "⚫",
  heavy_minus_sign: "➖",
  double_vertical_bar: "⏸️",
  pause_button: "⏸️",
  octagonal_sign: "🛑",
  bell: "🔔",
  shield: "🛡️",
  memo: "📝",
  mag: "🔍",
  tada: "🎉",
  "+1": "👍",
  thumbsup: "👍",
  "-1": "👎",
  wave: "👋",
  information_source: "ℹ️",
  bulb: "💡",
  robot_face: "🤖",
};

/** The character of `:name:`; undefined when the name is not known here. */
function emojiFor(text) {
  if (!/^:[a-z0-9_+-]+:$/.test(text)) return undefined;
  return names[text.slice(1, -1)];
}

const drawn = {
  white_check_mark: ["check", "good"],
  heavy_check_mark: ["check", "good"],
  x: ["cross", "bad"],
  no_entry: ["cross", "bad"],
  warning: ["warn", "warn"],
  rotating_light: ["warn", "alarm"],
  key: ["key", "plain"],
  lock: ["lock", "plain"],
  eyes: ["eye", "plain"],
  information_source: ["info", "info"],
};

/**
 * `:name:` as something to put into the page: the signs that carry a state are drawn, so that they look the same
 * everywhere; others are their character; undefined when the name is not known.
 */
export function emojiNode(text) {
  const shape = drawn[text.slice(1, -1)];
  if (shape === undefined || !text.startsWith(":")) return emojiFor(text);
  const [name, mood] = shape;
  return h("span", { class: `sign sign-${mood}`, role: "img", "aria-label": text.slice(1, -1) }, icon(name));
}
