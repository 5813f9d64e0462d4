import type { Credential } from "../../core/credential.ts";
import type { Trial } from "../../core/ports.ts";
import { presentTo } from "../probes/present.ts";
import { timed, together } from "../probes/together.ts";
import { wordsOf } from "./credential.ts";
import type { Scope } from "./scope.ts";
import { presentSession } from "./session.ts";

/**
 * Logs in once at every instance. Where the credential keeps a session that was opened with the one before it, it is accepted only
 * when that session is dead everywhere too; else the verdict is unknown, with the code `session_alive`.
 */
export async function tryOut(scope: Scope, credential: Credential): Promise<Trial> {
  const [seen, ms] = await timed(() => presentTo(scope.config.login, wordsOf(credential), scope.asker));
  const login = together(seen, ms);
  const { session } = credential.secret;
  if (login.verdict !== "accepted" || session === undefined || scope.config.session === undefined) return login;
  const old = await presentSession(scope, session);
  if (old.verdict === "refused") return login;
  if (old.verdict === "unknown" && old.code !== "disagree") return old;
  const sentence = "a session that was opened with the old password is still let in";
  return { verdict: "unknown", code: "session_alive", sentence };
}
