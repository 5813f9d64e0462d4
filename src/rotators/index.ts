import type { Rotator } from "../core/ports.ts";
import { generated } from "./generated/rotator.ts";
import { handedInKey } from "./handed-in-key/rotator.ts";
import { httpApi } from "./http-api/rotator.ts";
import { postgresRole } from "./postgres-role/rotator.ts";
import { redisAcl } from "./redis-acl/rotator.ts";
import { sharedKey } from "./shared-key/rotator.ts";
import { signingKey } from "./signing-key/rotator.ts";

/** What rotators are made with. `now` gives short-lived proofs their times. */
export type RotatorSettings = { readonly now: () => Date };

/** Every kind of credential that Keyturn can rotate, one line each. */
export function rotators(settings: RotatorSettings): readonly Rotator[] {
  return [postgresRole, redisAcl, signingKey(settings), sharedKey, generated, handedInKey, httpApi];
}
