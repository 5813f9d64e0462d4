import type { HttpProxy } from "../servers/http-proxy.ts";
import type { Rotated } from "./rotate.ts";

/** Hears which sessions Keyturn shows at this address, and whether they were let in. */
export function hearSessions(proxy: HttpProxy, path: string): (rotated: Rotated) => readonly string[] {
  const shown: Shown[] = [];
  proxy.onReply(({ text, authorization, status }) => {
    if (authorization !== undefined && text.startsWith(`GET ${path} `)) {
      shown.push({ session: authorization, letIn: status === 200, at: new Date().toISOString() });
    }
    return "forward";
  });
  return (rotated) => judgeKept(shown, rotated);
}

/** A session that Keyturn showed once. */
export type Shown = { readonly session: string; readonly letIn: boolean; readonly at: string };

/**
 * The session that was opened last before the proposal was durable is the one that is shown later, whoever was killed between: no
 * other one is opened after it, and no other one is shown to be dead.
 */
export function judgeKept(shown: readonly Shown[], { journal }: Pick<Rotated, "journal">): readonly string[] {
  const beganAt = journal[0]?.at ?? "";
  const proposedAt = journal.find(({ event }) => event.type === "proposed")?.at ?? "";
  const forward = journal.some(({ event }) => event.type === "ended" && event.status === "done");
  const kept = shown.findLast(({ letIn, at }) => letIn && at >= beganAt && at <= proposedAt)?.session;
  const later = shown.filter(({ at }) => at > proposedAt);
  const dead = new Set(later.filter(({ letIn }) => !letIn).map(({ session }) => session));
  const found: string[] = [];
  if (kept === undefined) found.push("no session was opened before the proposal");
  if (later.some(({ letIn, session }) => letIn && session !== kept)) found.push("another session was opened later");
  if ([...dead].some((session) => session !== kept)) found.push("another session was shown later");
  if (forward && dead.size === 0) found.push("the session in the proposal was never shown again");
  return found;
}
