import type { PinnedGroup, Plan } from "../core/plan.ts";
import type { Rotation } from "../core/rotation.ts";
import type { Actor } from "../core/state.ts";
import { bold, code, type Line, type Mention, type Part, person } from "./parts.ts";

/** "redis prod" */
export function targetOf({ secret, environment }: Pick<Plan, "secret" | "environment">): string {
  return `${secret} ${environment}`;
}

/** "24 h", "1 h 30 min", "45 s", "0 s". */
export function lasting(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ] as const;
  if (ms > 0 && ms < 1_000) {
    return `${String(ms)} ms`;
  }
  const days = ms % 86_400_000 === 0 && ms >= 3 * 86_400_000;
  let left = ms;
  const parts: string[] = [];
  for (const [unit, size] of days ? units : units.slice(1)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0 && parts.length < 2) {
      parts.push(`${String(count)} ${unit}`);
    }
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}

/** "3 pods", "1 pod" */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Somebody, as the reader sees them. The command line proves nobody, and is named as such. */
export function who(actor: { readonly kind: Actor["kind"]; readonly id: string }): Part {
  switch (actor.kind) {
    case "slack":
      return person(actor.id);
    case "os":
      return { text: `${actor.id} (command line)` };
    case "engine":
      return { text: "Keyturn" };
  }
}

/** "@security" without its sign, so that a name is shown and nobody is rung. */
export function named(label: string): string {
  return label.replace(/^@/, "");
}

/** Rings a group: as a group of Slack, or each person of a reviewed list. Falls back to its name. */
export function ring(group: PinnedGroup): Part[] {
  if (group.groupId !== undefined) {
    return [{ mention: { kind: "group", id: group.groupId } }];
  }
  const users = (group.users ?? []).slice(0, 10).map(person);
  return users.length === 0 ? [{ text: group.label }] : separated(users, " ");
}

/** Rings whoever a label of the catalog means, or names them when Slack does not know it. */
export function ringLabel(label: string, mention: Mention | undefined): Part {
  return mention === undefined ? { text: label } : { mention };
}

export function separated(parts: readonly Part[], text: string): Part[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [{ text }, part]));
}

/** In a thread that others use too, each line begins with target and id. */
export function prefixOf(rotation: Pick<Rotation, "id" | "plan" | "origin">): Line {
  return rotation.origin.threadTs === undefined
    ? []
    : [bold(targetOf(rotation.plan)), { text: " (" }, code(rotation.id), { text: "): " }];
}

/** Red words for a leaked credential; nothing for a routine one. */
export function leakedMark(plan: Pick<Plan, "cause">): Part[] {
  return plan.cause === "leaked" ? [{ emoji: "rotating_light", plain: ":rotating_light:" }, { text: " " }] : [];
}
