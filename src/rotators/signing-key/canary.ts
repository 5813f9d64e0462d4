import { randomUUID } from "node:crypto";
import type { Secret } from "../../core/secret.ts";
import type { Config } from "./config.ts";
import type { Material } from "./material.ts";
import { signToken } from "./token.ts";

/** Where rotators get the time from. */
export type Clock = { readonly now: () => Date };

/** A token that proves something for a minute. `holds`: whether an instance whose clock says this may accept it. */
export type Canary = { readonly token: Secret; readonly holds: (at: Date) => boolean };

const lifeS = 60;

/**
 * A token for the configured subject, signed afresh: an old one might be refused because it expired, and a cache might answer for
 * one it has seen. It is dated back by the clock skew that instances are allowed.
 */
export function canary(config: Config, material: Material, kid: string, clock: Clock): Canary {
  const nowS = Math.floor(clock.now().getTime() / 1000);
  const iat = nowS - Math.ceil(config.clockSkew / 1000);
  const exp = nowS + lifeS;
  const named = config.tokenKid ?? config.algorithm !== "HS256";
  const header = { typ: config.tokenType, ...(named ? { kid } : {}) };
  const token = signToken(header, { ...config.claims, jti: randomUUID(), iat, exp }, material);
  return { token, holds: (at) => at.getTime() >= iat * 1000 && at.getTime() < exp * 1000 };
}
