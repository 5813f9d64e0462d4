import { KeyturnError } from "../core/errors.ts";
import { adoptRole } from "./adopt-role.ts";
import { adoptUser } from "./adopt-user.ts";
import { findTarget } from "./target.ts";

/**
 * `keyturn adopt SECRET ENVIRONMENT`: the commands, in order, that bring what is there into a shape that rotates; what it
 * prints is piped into psql, or into sh. Changes nothing. 1: it cannot be done this way yet.
 */
export async function adopt(args: readonly string[]): Promise<number> {
  const found = await findTarget("adopt", args);
  const kind = found.target.rotator["kind"];
  if (kind === "postgres-role") {
    return adoptRole(found);
  }
  if (kind === "redis-acl") {
    return adoptUser(found);
  }
  throw new KeyturnError("no_adoption", "there is nothing to adopt for this kind of credential", {
    hint: "keyturn plan SECRET ENVIRONMENT --live says what is missing",
  });
}
