import { z } from "zod";
import type { Connection } from "./connection.ts";
import { fieldsOf } from "./replies.ts";

/** What matters of a user at one node. `hashes`: SHA-256 of each password, lower-case hex. */
export type AclUser = { readonly on: boolean; readonly nopass: boolean; readonly hashes: readonly string[] };

const Words = z.array(z.string());

/** Reads one user; undefined when the node does not have it. */
export async function readUser(connection: Connection, name: string): Promise<AclUser | undefined> {
  const reply = await connection.call("ACL", "GETUSER", name);
  if (reply === null) return undefined;
  const fields = fieldsOf(reply);
  const flags = Words.parse(fields.get("flags"));
  return { on: flags.includes("on"), nopass: flags.includes("nopass"), hashes: Words.parse(fields.get("passwords")) };
}

/** Cannot log in: switched off, or without any password. What its old passwords were does not matter. */
export function isVacant(user: AclUser): boolean {
  return !user.on || (user.hashes.length === 0 && !user.nopass);
}
