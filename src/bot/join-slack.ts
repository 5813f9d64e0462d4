import { setTimeout as sleep } from "node:timers/promises";
import type { TryLater } from "../core/errors.ts";
import type { Log } from "../state/log.ts";
import { isAway } from "./slack-errors.ts";

/**
 * Tries `join` until Slack answers, however long that takes, or until `told`. Undefined: told to end first; what joins after
 * that is left again. Throws what waiting does not cure.
 */
export async function joinSlack<T>(options: {
  readonly join: () => Promise<T>;
  readonly leave: (joined: T) => Promise<void>;
  readonly told: Promise<void>;
  readonly log: Log;
}): Promise<T | undefined> {
  const ended = options.told.then(() => "ended" as const);
  for (;;) {
    const trying = attempt(options.join);
    const tried = await Promise.race([trying, ended]);
    if (tried === "ended") {
      void trying.then((late) => ("joined" in late ? options.leave(late.joined) : undefined)).catch(() => undefined);
      return undefined;
    }
    if ("joined" in tried) {
      return tried.joined;
    }
    const afterMs = tried.away.afterMs ?? 5_000;
    options.log.warn({ code: tried.away.code, afterMs }, slackIsAway);
    await Promise.race([sleep(afterMs, undefined, { ref: false }), ended]);
  }
}

const slackIsAway = "slack is away: open rotations go on, and people are answered when it is back";

async function attempt<T>(join: () => Promise<T>): Promise<{ readonly joined: T } | { readonly away: TryLater }> {
  try {
    return { joined: await join() };
  } catch (error) {
    if (isAway(error)) {
      return { away: error };
    }
    throw error;
  }
}
