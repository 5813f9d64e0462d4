import { type Ref, refKey } from "../../core/credential.ts";
import type { Listed } from "../../core/ports.ts";
import { readUser } from "./acl-user.ts";
import type { Scope } from "./scope.ts";

/** Every password of the target's users at any node; enabled when it is accepted at least at one of them. */
export async function list(scope: Scope): Promise<readonly Listed[]> {
  const nodes = await scope.fleet.nodes();
  const found = new Map<string, { readonly ref: Ref; readonly enabled: boolean }>();
  for (const principal of scope.principals) {
    for (const user of await Promise.all(nodes.map((node) => readUser(node, principal)))) {
      for (const hash of user?.hashes ?? []) {
        const ref = { principal, generation: await scope.fingerprint(principal, hash) };
        const enabled = user?.on === true || found.get(refKey(ref))?.enabled === true;
        found.set(refKey(ref), { ref, enabled });
      }
    }
  }
  return [...found.values()];
}
