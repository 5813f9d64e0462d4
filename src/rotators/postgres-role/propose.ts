import { randomInt } from "node:crypto";
import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { scramVerifier } from "./scram.ts";

/** A new credential for a role, in memory: random password (at least 128 bit) and its verifier. Its generation is the rotation's id. */
export async function proposeFor(
  role: string,
  rotationId: string,
  alphabet: string,
  length: number,
): Promise<Credential> {
  const password = randomPassword(alphabet, length);
  return {
    ref: { principal: role, generation: rotationId },
    public: { username: role },
    secret: { password, scram: await scramVerifier(password) },
  };
}

function randomPassword(alphabet: string, length: number): Secret {
  const letters = [...new Set(alphabet)].filter((letter) => letter >= "!" && letter <= "~");
  const enough = Math.max(length, Math.ceil(128 / Math.log2(letters.length)));
  if (letters.length < 2)
    throw new GiveUp(
      "alphabet_too_small",
      "fewer than two characters are allowed in every place where the password goes",
    );
  return new Secret(Array.from({ length: enough }, () => letters[randomInt(letters.length)]).join(""));
}
