import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Line } from "./line.ts";
import { lookAtRoles, type RoleState } from "./role-state.ts";

/**
 * The role that gets the new password: the only one, or the one that `current` is not. Without a current one, the first that
 * cannot log in on any server, else the first without sessions.
 */
export async function vacantRole(
  lines: readonly Line[],
  roles: readonly string[],
  current: Credential | undefined,
): Promise<string> {
  const candidates = roles.length === 1 ? roles : roles.filter((role) => role !== current?.ref.principal);
  const [first, ...others] = candidates;
  if (first !== undefined && others.length === 0) return first;
  const looks: ReadonlyMap<string, RoleState>[] = [];
  for (const line of lines) looks.push(await lookAtRoles(line, candidates));
  const vacant =
    candidates.find((role) => looks.every((look) => look.get(role)?.canLogin === false)) ??
    candidates.find((role) => looks.every((look) => look.get(role)?.sessions === 0));
  if (vacant === undefined)
    throw new GiveUp("no_vacant_role", `both ${roles.join(" and ")} are in use, so none can take a new password`);
  return vacant;
}
