import { h, icon } from "./dom.js";
import { link, plain } from "./mrkdwn.js";
import { richText } from "./rich-text.js";

const words = { pending: "Not started", in_progress: "In progress", complete: "Done", error: "Failed" };

/** A plan: its title, how far it is, and its tasks in order. */
export function plan(block) {
  const tasks = block.tasks ?? [];
  const done = tasks.filter(({ status }) => status === "complete").length;
  const failed = tasks.some(({ status }) => status === "error");
  const bar = h("span", { class: "bar-fill" });
  bar.style.width = tasks.length === 0 ? "0" : `${(100 * done) / tasks.length}%`;
  return h(
    "section",
    { class: `plan ${failed ? "plan-failed" : ""}` },
    h(
      "header",
      { class: "plan-head" },
      h("span", { class: "plan-title" }, plain(block.title)),
      h("span", { class: "plan-count" }, `${done} of ${tasks.length}`),
    ),
    h("div", { class: "bar", role: "presentation" }, bar),
    h("ol", { class: "tasks" }, tasks.map(taskCard)),
  );
}

/** One task with its state as an icon and a word for screen readers. */
export function taskCard(task) {
  return h(
    "li",
    { class: `task task-${task.status}`, "data-task-id": task.task_id, "data-status": task.status },
    h("span", { class: "task-mark", role: "img", "aria-label": words[task.status] ?? task.status }, mark(task.status)),
    h(
      "div",
      { class: "task-body" },
      h("div", { class: "task-title" }, plain(task.title)),
      task.details === undefined ? undefined : h("div", { class: "task-details" }, richText(task.details)),
      task.output === undefined ? undefined : h("div", { class: "task-output" }, richText(task.output)),
      task.sources === undefined
        ? undefined
        : h(
            "div",
            { class: "task-sources" },
            task.sources.map((source) => link(source.url, source.text)),
          ),
    ),
  );
}

function mark(status) {
  if (status === "complete") return icon("check");
  if (status === "error") return icon("cross");
  return undefined;
}
