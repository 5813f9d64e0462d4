import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Credential } from "../../core/credential.ts";
import { Duration } from "../../core/duration.ts";
import type { Clock } from "./canary.ts";
import type { Config } from "./config.ts";
import { materialOf } from "./material.ts";
import { signToken } from "./token.ts";

const ours = ["exp", "iat", "nbf", "jti"];

/** Tokens that are signed with each new key and published beside it, by field name: what a development set-up or a smoke test presents. */
export const DerivedTokens = z.record(
  z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/, { error: "a field name such as devToken" }),
  z.strictObject({
    claims: z
      .record(z.string(), z.json())
      .refine((claims) => !ours.some((name) => name in claims), { error: `${ours.join(", ")} are set afresh` })
      .describe("subject, issuer and audience as applications expect them; give it no more rights than it needs"),
    life: Duration.describe("how long such a token lives; at most maxTokenLife"),
  }),
);

/**
 * The key with every derived token signed with it. They are part of the credential from here on: sealed with it, published
 * with it, and on the way back the ones that stood in the stores come back with the old key.
 */
export function withTokens(config: Config, credential: Credential, clock: Clock): Credential {
  const { key } = credential.secret;
  if (key === undefined) return credential;
  const iat = Math.floor(clock.now().getTime() / 1000);
  const named = config.tokenKid ?? config.algorithm !== "HS256";
  const header = { typ: config.tokenType, ...(named ? { kid: credential.public["kid"] } : {}) };
  const signed = Object.entries(config.tokens).map(([name, { claims, life }]) => {
    const exp = iat + Math.floor(life / 1000);
    return [name, signToken(header, { ...claims, jti: randomUUID(), iat, exp }, materialOf(config, key))] as const;
  });
  return { ...credential, secret: { ...credential.secret, ...Object.fromEntries(signed) } };
}

/** What the stores hold of derived tokens stays with the key that they were read with. */
export function keptTokens(config: Config, stored: Credential["secret"]): Credential["secret"] {
  return Object.fromEntries(Object.entries(stored).filter(([name]) => Object.hasOwn(config.tokens, name)));
}
