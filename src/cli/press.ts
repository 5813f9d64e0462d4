import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { press as pressAtDesk } from "../core/desk/decide-on.ts";
import { TryLater } from "../core/errors.ts";
import type { Event } from "../core/events.ts";
import type { OpenState } from "../state/open-state.ts";
import { findRotation } from "./find-rotation.ts";
import { withState } from "./joined.ts";
import { complain, line } from "./output.ts";
import { readWords } from "./words.ts";

const patienceMs = 15_000;

/** `keyturn hold ID`, audited as the operating system's user. */
export function hold(args: readonly string[]): Promise<number> {
  return press("hold", "hold ID", args);
}

/** `keyturn rollback ID`: works without Slack. A request that nobody has approved yet is cancelled. */
export function rollback(args: readonly string[]): Promise<number> {
  return press("roll-back", "rollback ID", args);
}

async function press(verb: "hold" | "roll-back", usage: string, args: readonly string[]): Promise<number> {
  const { words } = readWords(args, { usage, words: [1, 1] });
  return withState(async (state) => {
    const { id, seq, plan } = await findRotation(state, words[0] ?? "");
    const asker = { kind: "os", id: osUser(), team: "" } as const;
    // A terminal may hold and roll back by what it is, so nobody is looked up in Slack.
    const directory = { members: () => Promise.reject(new TryLater("no_slack", "the command line asks no Slack")) };
    const wake = (): Promise<void> => Promise.resolve();
    const onceKey = `${asker.id}-${await state.now()}`;
    const answer = await pressAtDesk({ state, directory, wake }, { rotationId: id, asker, verb, detail: "", onceKey });
    if (answer.kind === "refused") {
      complain(`not done: ${answer.refusal.sentence}`);
      complain(`  ${answer.refusal.hint ?? `keyturn status ${id} says how it stands`}`);
      return 1;
    }
    line(`${plan.secret} ${plan.environment} ${id}: ${verb} is recorded as ${asker.id}`);
    return awaited(state, id, seq, asker.id);
  });
}

/** Waits for the worker that holds the rotation to answer the press, and says what came of it. */
async function awaited(state: OpenState, id: string, seq: number, user: string): Promise<number> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 250) {
    const events = (await state.load(id)).filter((stored) => stored.seq > seq).map(({ event }) => event);
    const mine = events.find((event) => "by" in event && !Array.isArray(event.by) && event.by.id === user);
    if (mine !== undefined) {
      return said(mine, id);
    }
    await sleep(250);
  }
  complain(`no bot has taken it up in ${String(patienceMs / 1_000)} s: is one running? It is kept until one is`);
  complain(`  keyturn status ${id}`);
  return 0;
}

function said(event: Event, id: string): number {
  if (event.type === "refused") {
    complain(`not done: ${event.reason.sentence}`);
    complain(`  keyturn status ${id} says how it stands`);
    return 1;
  }
  const words: Partial<Record<Event["type"], string>> = {
    held: "it is held before its next step; a rollback is still possible, and an approver can resume it in Slack",
    turned_back: "it goes back to the current credential",
    cancelled: "it had not begun, so it is cancelled; nothing was changed",
  };
  line(words[event.type] ?? "a bot has taken it up");
  line(`  keyturn status ${id}`);
  return 0;
}

function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${String(process.getuid?.() ?? "unknown")}`;
  }
}
