import type { Ref } from "../../core/credential.ts";
import type { Context } from "../../core/ports.ts";
import type { AclUser } from "./acl-user.ts";
import { alternates, type Config, principalsOf } from "./config.ts";
import type { Fleet } from "./fleet.ts";
import type { Fingerprint } from "./generation.ts";

/** What every method of an open issuer works with. */
export type Scope = {
  readonly config: Config;
  readonly context: Context;
  readonly fleet: Fleet;
  readonly fingerprint: Fingerprint;
  readonly principals: readonly string[];
  /** Two users take turns; else two passwords on one user. */
  readonly alternating: boolean;
};

export function scopeOf(config: Config, context: Context, fleet: Fleet, fingerprint: Fingerprint): Scope {
  return { config, context, fleet, fingerprint, principals: principalsOf(config), alternating: alternates(config) };
}

/** The hash at this user that a ref names, or undefined when it is not there: another generation is never meant. */
export async function hashOf(scope: Scope, ref: Ref, user: AclUser | undefined): Promise<string | undefined> {
  for (const hash of user?.hashes ?? []) {
    if ((await scope.fingerprint(ref.principal, hash)) === ref.generation) return hash;
  }
  return undefined;
}
