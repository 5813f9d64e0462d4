import { randomUUID } from "node:crypto";
import type { Secret } from "../../core/secret.ts";
import type { Config } from "./config.ts";
import type { Material } from "./material.ts";
import { signToken } from "./token.ts";

/** Where rotators get the time from. */
export type Clock = { readonly now: () => Date };

/** A token that proves something now and is worth nothing soon after. `holds`: whether an instance whose clock says this may accept it. */
export type Canary = { readonly token: Secret; readonly holds: (at: Date) => boolean };

/** Where clocks agree; both ends are further out by the clock skew. */
const lifeS = 60;

/**
 * A token for the configured subject, signed afresh: an old one might be refused because it expired, and a cache might answer for
 * one it has seen. It begins earlier and ends later by the clock skew: it holds at instances that are that far behind or ahead of us.
 */
export function canary(config: Config, material: Material, kid: string, clock: Clock): Canary {
  const nowS = Math.floor(clock.now().getTime() / 1000);
  const skewS = Math.ceil(config.clockSkew / 1000);
  const iat = nowS - skewS;
  const exp = nowS + lifeS + skewS;
  const named = config.tokenKid ?? config.algorithm !== "HS256";
  const header = { typ: config.tokenType, ...(named ? { kid } : {}) };
  const token = signToken(header, { ...config.claims, jti: randomUUID(), iat, exp }, material);
  return { token, holds: (at) => at.getTime() >= iat * 1000 && at.getTime() < exp * 1000 };
}
