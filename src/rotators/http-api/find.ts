import { GiveUp } from "../../core/errors.ts";
import { atPath } from "../../core/json-path.ts";
import { Secret } from "../../core/secret.ts";
import type { Words } from "../../process/api/fill.ts";
import { type AskAsAdmin, documentOf } from "../../process/api/session.ts";
import type { Config } from "./config.ts";

/**
 * What paths call the user: its name, and the id that the API has for it. Exactly one user must bear the name. Throws
 * GiveUp("unknown_principal"), GiveUp("user_unclear"), and what asking throws.
 */
export async function findUser({ url, username, find }: Config, ask: AskAsAdmin): Promise<Words> {
  const words = { username: new Secret(username) };
  if (find === undefined) return words;
  const { list, match, id, ...asked } = find;
  const found = atPath(documentOf(await ask(asked, words)), list);
  const users: readonly unknown[] = Array.isArray(found) ? found : [found];
  const ours = users.filter((user) => atPath(user, match) === username);
  const { host } = new URL(url);
  if (ours.length === 0) {
    throw new GiveUp("unknown_principal", `${host} has no user ${username}, or does not show it`, {
      hint: "look at `find`: its path, where the answer has the users, and where each has its name",
    });
  }
  const named = atPath(ours[0], id);
  if (ours.length > 1 || (typeof named !== "string" && typeof named !== "number")) {
    throw new GiveUp("user_unclear", `${host} has ${ours.length} users ${username}, or shows no id at ${id}`, {
      hint: "make `find` answer with this one user",
    });
  }
  return { ...words, id: new Secret(String(named)) };
}
