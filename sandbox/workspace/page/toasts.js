import { h, icon } from "./dom.js";

const shownMs = 6_000;

/** A short notice at the bottom, such as "operation timed out". */
export function toast(text) {
  const node = h("div", { class: "toast" }, icon("warn"), h("span", {}, text));
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), shownMs);
}

/** Shows what the workspace said about an action, if anything; returns the answer. */
export function tell(answer, subject) {
  const problem = answer.error ?? answer.notice;
  if (problem !== undefined) toast(subject === undefined ? capital(problem) : `${subject}: ${problem}`);
  return answer;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
