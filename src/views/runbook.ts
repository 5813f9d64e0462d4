import type { Plan, Step } from "../core/plan.ts";
import type { Line } from "./parts.ts";
import { bold, code } from "./parts.ts";
import { counted, lasting } from "./words.ts";

/** The plan as a runbook would say it: one line per step, with what it touches and how long it takes. */
export function runbook(plan: Plan): readonly Line[] {
  return plan.steps.map((step) => lineOf(plan, step));
}

/** The way back in one line. */
export function wayBack(plan: Plan): string {
  if (plan.back.length === 0) {
    return "none: if it fails it stops and says what is live";
  }
  const last = plan.steps.find(({ id }) => id === plan.pointOfNoReturn);
  const second = plan.rotator.overlap === "single" ? " (going back is a second cut)" : "";
  return last === undefined ? `at any moment${second}` : `until "${last.title}" begins${second}`;
}

/** What cannot be taken back, and what is refused meanwhile. */
export function irreversible(plan: Plan): string {
  const last = plan.steps.find(({ id }) => id === plan.pointOfNoReturn);
  const cut = plan.rotator.words.cut;
  const ends = last === undefined ? "nothing" : `"${last.title}": ${plan.rotator.words.retire}`;
  return cut === undefined ? ends : `${ends}; ${cut}`;
}

/** "both work for a while", in the words of the four kinds of overlap. */
export function overlapWords(plan: Plan): string {
  switch (plan.rotator.overlap) {
    case "dual":
      return "both credentials work until the old one is retired";
    case "accept-first":
      return "the new one is accepted everywhere before anybody uses it";
    case "single":
      return `a cut: ${plan.rotator.words.cut ?? "the old one dies as the new one is made"}`;
    case "delegated":
      return "another system rotates; this one triggers and verifies";
  }
}

export function consumerWords(plan: Plan): string {
  return plan.consumers === "live" ? "read the store at each use" : named(plan.consumers.map(({ label }) => label));
}

export function graceWords(plan: Plan): string {
  if (plan.cause === "leaked") {
    return "none: it leaked";
  }
  return plan.steps.some(({ kind }) => kind === "grace")
    ? `${lasting(plan.graceMs)}, at most ${lasting(plan.graceMaxMs)}`
    : "none";
}

function lineOf(plan: Plan, step: Step): Line {
  const detail = detailOf(plan, step);
  const mark: Line = step.id === plan.pointOfNoReturn ? [{ text: " " }, bold("(no way back after this)")] : [];
  return [{ text: step.title }, ...(detail === "" ? [] : [{ text: `: ${detail}` }]), ...mark];
}

function detailOf(plan: Plan, step: Step): string {
  const { words } = plan.rotator;
  switch (step.kind) {
    case "announce":
      return cutWords(plan);
    case "preflight":
      return "what was found must still be true";
    case "collect":
      return `${named(Object.keys(plan.rotator.fields))}, over a one-time page that is sent to one person; tried before it is kept`;
    case "issue":
      return plan.rotator.origin === "handed-in" ? "it exists already" : words.issue;
    case "test":
      return "each value as applications will read it";
    case "publish":
      return `${named(
        plan.publishes.map(({ label, values }) => `${label} (${counted(Object.keys(values).length, "key")})`),
      )}${standby(plan)}`;
    case "rollout":
      return consumerWords(plan);
    case "verify":
      return plan.checks.length === 0 ? "no check is configured" : named(plan.checks.map(({ label }) => label));
    case "grace":
      return graceWords(plan);
    case "idle":
      return plan.idleForMs === 0 ? "whoever still uses it is named" : `through ${lasting(plan.idleForMs)}`;
    case "disable":
      return plan.noticeMs === 0 ? "" : `announced at least ${lasting(plan.noticeMs)} before`;
    case "watch":
      return `for ${lasting(plan.watchMs)}; ${plan.rotator.overlap === "accept-first" ? "a check that turns red" : "an instance of the plan that is refused"} brings it back`;
    case "confirm":
      return `${words.retire}, with evidence; a to-do until then`;
    case "revoke":
      return words.retire;
    case "prove":
      return words.proof;
    case "soak":
      return lasting(plan.rotator.soakMs ?? 0);
    case "accept":
      return `made afresh with it, shown to each instance${unasked(plan)}`;
    case "sign":
      return `each instance is asked${unasked(plan)}`;
    case "forget":
      return words.retire;
    case "witness":
      return `${named(plan.byHand ?? [])}; an approver or the owner confirms what was seen`;
    case "enable":
    case "recheck":
      return "";
  }
}

function standby({ standby: checks = [] }: Plan): string {
  return checks.length === 0 ? "" : `; only while this is up: ${named(checks.map(({ label }) => label))}`;
}

function unasked({ unasked: names = [] }: Plan): string {
  return names.length === 0
    ? ""
    : `; an approver or the owner confirms it for ${names.join(", ")}, which cannot be asked`;
}

/** When the cut may come, and whom it refuses. */
function cutWords({ cause, noticeMs, policy: { retire }, rotator: { words } }: Plan): string {
  const inside = retire === undefined ? "" : `, inside ${retire.text} (${retire.zone})`;
  const when = cause === "leaked" ? "at once, because it leaked" : `at least ${lasting(noticeMs)} before it${inside}`;
  return words.cut === undefined ? when : `${when}; ${words.cut}`;
}

function named(labels: readonly string[]): string {
  return labels.length <= 4
    ? labels.join(", ")
    : `${labels.slice(0, 3).join(", ")} and ${String(labels.length - 3)} more`;
}

/** "plan 3f9a1c" */
export function planWords(digest: string): Line {
  return [{ text: "plan " }, code(digest.slice(0, 6))];
}
