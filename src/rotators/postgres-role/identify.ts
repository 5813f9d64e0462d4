import type { Credential } from "../../core/credential.ts";
import { GiveUp, KeyturnError } from "../../core/errors.ts";
import type { Listed } from "../../core/ports.ts";
import type { Line } from "./line.ts";
import { unmarked } from "./mark.ts";
import { lookAtRoles } from "./role-state.ts";

/** Gives fields out of a store the generation that the role carries now, which must be the same on every server. */
export async function identifyOn(
  lines: readonly Line[],
  roles: readonly string[],
  fields: Pick<Credential, "public" | "secret">,
): Promise<Credential> {
  const role = fields.public["username"];
  if (role === undefined || !roles.includes(role)) {
    throw new GiveUp("unknown_principal", "the store names a role that is not one of this target", {
      hint: `expected ${roles.join(" or ")}`,
    });
  }
  const generations = new Set<string>();
  for (const line of lines) {
    const state = (await lookAtRoles(line, [role])).get(role);
    if (state === undefined) throw new GiveUp("unknown_principal", `role ${role} does not exist on ${line.label}`);
    generations.add(state.mark.generation);
  }
  const [generation, ...others] = generations;
  if (generation === undefined || others.length > 0) {
    throw new KeyturnError("servers_disagree", `role ${role} carries different marks on different servers`, {
      hint: "compare \\du+ on each server",
    });
  }
  return { ...fields, ref: { principal: role, generation } };
}

/** What exists on any server: roles that can log in, and those that a rotation has disabled. A vacant role holds no credential. */
export async function listOn(lines: readonly Line[], roles: readonly string[]): Promise<readonly Listed[]> {
  const found = new Map<string, Listed>();
  for (const line of lines) {
    for (const [principal, { canLogin, mark }] of await lookAtRoles(line, roles)) {
      if (!canLogin && mark.state !== "disabled") continue;
      const key = `${principal}#${mark.generation}`;
      const enabled = canLogin || found.get(key)?.enabled === true;
      const ref = { principal, generation: mark.generation };
      found.set(key, mark.generation === unmarked ? { ref, enabled } : { ref, enabled, mark: mark.generation });
    }
  }
  return [...found.values()];
}
