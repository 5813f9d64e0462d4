import type { Asker } from "../core/desk.ts";
import { explain, KeyturnError } from "../core/errors.ts";
import type { Rendered } from "../views/blocks.ts";
import { say } from "../views/parts.ts";
import { answer } from "../views/refusal.ts";
import type { HandlerDeps } from "./deps.ts";

/** Who pressed or typed, by the ids of the verified payload. `userTeam`: the home of an external person, where Slack says it. */
export type From = { readonly user: string; readonly team: string | undefined; readonly userTeam?: string | undefined };

/**
 * Runs one interaction once, and leaves nobody without an answer. A repeated delivery (`key` was seen) does nothing. An
 * error is answered with what is safe to say and logged with its code; it never counts as a yes.
 */
export async function answering(
  deps: HandlerDeps,
  key: string,
  from: From,
  reply: (rendered: Rendered) => Promise<unknown>,
  work: (asker: Asker) => Promise<Rendered | undefined>,
): Promise<void> {
  try {
    const rendered = await attempt(deps, key, from, work);
    if (rendered !== undefined) {
      await reply(rendered);
    }
  } catch (error) {
    deps.log.warn({ user: from.user, code: explain(error).code }, "an answer did not reach its person");
  }
}

async function attempt(
  deps: HandlerDeps,
  key: string,
  from: From,
  work: (asker: Asker) => Promise<Rendered | undefined>,
): Promise<Rendered | undefined> {
  if (from.team !== deps.team || (from.userTeam ?? deps.team) !== deps.team) {
    deps.log.warn(
      { user: from.user, team: from.team, userTeam: from.userTeam },
      "an interaction from another workspace was refused",
    );
    return answer([[{ text: "not done: Keyturn listens to members of its own workspace only" }]]);
  }
  try {
    if (!(await deps.firstTime(key))) {
      deps.log.info({ user: from.user }, "a repeated delivery was left alone");
      return undefined;
    }
    return await work({ kind: "slack", id: from.user, team: deps.team });
  } catch (error) {
    const { code, sentence, hint } = explain(error);
    deps.log.warn({ user: from.user, code }, "an interaction was not carried out");
    const known = error instanceof KeyturnError;
    return answer([
      [{ text: "not done: " }, ...say(known ? sentence : "something went wrong here; the log says what")],
      ...(known && hint !== undefined ? [[...say(hint)]] : []),
    ]);
  }
}
