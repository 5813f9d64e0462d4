import type { Credential } from "../../core/credential.ts";
import { GiveUp, TryLater } from "../../core/errors.ts";
import { atPath } from "../../core/json-path.ts";
import type { Trial } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { listed } from "../probes/config.ts";
import { firstOf } from "../probes/instances.ts";
import { jsonIn } from "../probes/json.ts";
import { presentTo } from "../probes/present.ts";
import { request } from "../probes/request.ts";
import { together } from "../probes/together.ts";
import { wordsOf } from "./credential.ts";
import type { Scope } from "./scope.ts";

/**
 * Logs in at the first instance and gives the token of that session, which every instance has let in. Undefined when sessions
 * are not asked for, or the login is refused. Throws TryLater when one could not be asked, GiveUp("no_session") when the login
 * gives no token, GiveUp("session_refused") when the session is not let in.
 */
export async function openSession({ config, asker }: Scope, credential: Credential): Promise<Secret | undefined> {
  const { login, session } = config;
  const path = session?.token ?? "";
  const [first] = login;
  const place = first === undefined || session === undefined ? undefined : await firstOf(first, asker);
  if (first === undefined || place === undefined || session === undefined) return undefined;
  const { method, headers, body } = first;
  const answer = await request({ url: place.url, pod: place.pod, method, headers, body }, wordsOf(credential), asker);
  if ("silence" in answer) throw new TryLater("session_unclear", `${place.instance}: ${answer.sentence}`);
  if (listed(first.refused).includes(answer.status)) return undefined;
  const token = listed(first.accepted).includes(answer.status) ? atPath(jsonIn(answer.body), path) : undefined;
  if (typeof token !== "string" || token === "") {
    throw new GiveUp("no_session", `${place.instance} answers a login without a text at ${path}`, {
      hint: "correct session.token, or leave session out: then nothing is said about sessions",
    });
  }
  const opened = new Secret(token);
  const trial = await presentSession({ config, asker }, opened);
  if (trial.verdict === "accepted") return opened;
  if (trial.verdict === "unknown") throw new TryLater("session_unclear", trial.sentence);
  throw new GiveUp("session_refused", `a session that was just opened is refused (${trial.code})`, {
    hint: "correct session.accept: every instance must let in a session that any of them has opened",
  });
}

/** Presents the token of a session once to every instance. */
export async function presentSession({ config, asker }: Scope, session: Secret): Promise<Trial> {
  return together(await presentTo(config.session?.accept ?? [], { session }, asker), 0);
}
