import { isBlind } from "./blind.ts";
import { isRetiring } from "./decide.ts";
import type { EventOf } from "./events.ts";
import { newMayLive, type Rotation, touchedKind } from "./rotation.ts";

type Leftovers = EventOf<"ended">["leftovers"];

/** What is alive right now, in one sentence, for a stopped rotation. */
export function liveNow(rotation: Rotation): string {
  const pending = rotation.pending?.principal;
  const current = rotation.current?.principal;
  const issued = newMayLive(rotation);
  const revoked = (["revoke", "confirm", "forget"] as const).some((kind) => touchedKind(rotation, kind));
  const disabled = isRetiring(rotation);
  const old =
    current === undefined
      ? isBlind(rotation.plan, rotation.present)
        ? "the old credential is not known"
        : "there is no old credential"
      : revoked
        ? "the old credential is revoked or being revoked"
        : disabled
          ? `the old credential (${current}) may be disabled`
          : `the old credential (${current}) works`;
  return issued ? `${old}; the new one (${pending ?? "unnamed"}) was issued` : `${old}; no new one was issued`;
}

/** Credentials that stay alive after the end although the plan meant them to go; each is a to-do for a person. */
export function leftoversOf(rotation: Rotation, status: "done" | "rolled_back" | "closed"): Leftovers {
  if (status !== "closed") {
    return [];
  }
  const leftovers: Leftovers[number][] = [];
  // Whoever was asked to revoke it may not have done so.
  const confirmed = rotation.plan.steps.some(
    ({ id, kind }) => kind === "confirm" && rotation.steps[id]?.status === "done",
  );
  const ended = confirmed || touchedKind(rotation, "revoke") || touchedKind(rotation, "forget");
  if (rotation.current !== undefined && !ended) {
    leftovers.push({
      ref: rotation.current,
      sentence: `the old credential (${rotation.current.principal}) was not revoked`,
    });
  }
  const takenBack = rotation.plan.back.some(
    ({ id, kind }) => (kind === "revoke" || kind === "confirm") && rotation.steps[id]?.status === "done",
  );
  if (rotation.pending !== undefined && newMayLive(rotation) && !takenBack) {
    leftovers.push({
      ref: rotation.pending,
      sentence: `the new credential (${rotation.pending.principal}) was issued and not revoked`,
    });
  }
  return leftovers;
}
