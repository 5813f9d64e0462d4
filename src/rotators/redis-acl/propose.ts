import { randomInt } from "node:crypto";
import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { isVacant, readUser } from "./acl-user.ts";
import { credentialOf } from "./identify.ts";
import type { Scope } from "./scope.ts";

const minimumBits = 160;
const minimumLength = 32;

/** Makes the new credential: a random password of at least 160 bits, for the same user or for the one whose turn it is. */
export async function propose(scope: Scope, current: Credential | undefined, alphabet: string): Promise<Credential> {
  const password = new Secret(randomPassword(usable(scope, alphabet)));
  return credentialOf(scope, await nextUser(scope, current), password);
}

/** sentinel.conf holds auth-pass without quotes, so with Sentinels only characters that need none are used. */
function usable(scope: Scope, alphabet: string): readonly string[] {
  const characters = [...new Set(alphabet)];
  return scope.config.sentinels === undefined ? characters : characters.filter((each) => /[A-Za-z0-9._~-]/.test(each));
}

function randomPassword(characters: readonly string[]): string {
  if (characters.length < 10) {
    throw new GiveUp("alphabet", "too few characters are allowed everywhere to make a password of", {
      hint: "at least ten are needed; look at the formats of the templates and at the alphabet of the stores",
    });
  }
  const length = Math.max(minimumLength, Math.ceil(minimumBits / Math.log2(characters.length)));
  return Array.from({ length }, () => characters[randomInt(characters.length)]).join("");
}

async function nextUser({ principals, fleet }: Scope, current: Credential | undefined): Promise<string> {
  const [first = "", second] = principals;
  if (second === undefined) return first;
  if (current !== undefined) return current.ref.principal === first ? second : first;
  const users = await Promise.all((await fleet.nodes()).map((node) => readUser(node, first)));
  return users.every((user) => user !== undefined && isVacant(user)) ? first : second;
}
