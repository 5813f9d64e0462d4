import { nodeRights } from "../../src/rotators/redis-acl/rights.ts";
import { rootOf } from "../rotators/redis-acl/world.ts";
import type { Postgres } from "../servers/postgres.ts";
import type { Redis } from "../servers/redis.ts";

/** What the examples call Keyturn's own login at every server. */
const admin = "keyturn";
export const adminPassword = "admin-of-the-examples-4c1d";

export async function makeAdmin(postgres: Postgres): Promise<void> {
  await postgres.query(`CREATE ROLE ${admin} LOGIN CREATEROLE PASSWORD '${adminPassword}'`);
  await postgres.query(`GRANT pg_signal_backend, pg_read_all_stats TO ${admin}`);
}

/** Two roles over an owner, as an example names them; the first can log in. */
export async function makeRoles(
  postgres: Postgres,
  owner: string,
  roles: readonly [string, string],
  password: string,
): Promise<void> {
  await postgres.query(`CREATE ROLE ${owner} NOLOGIN`);
  for (const role of roles) {
    const login = role === roles[0] ? `LOGIN PASSWORD '${password}'` : "NOLOGIN";
    await postgres.query(`CREATE ROLE ${role} ${login} IN ROLE ${owner}`);
    await postgres.query(`ALTER ROLE ${role} SET role TO ${owner}`);
    await postgres.query(`GRANT ${role} TO ${admin} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
  }
}

/** One user with a password, and the administrator with the documented rights. */
export async function makeUser(redis: Redis, user: string, password: string): Promise<void> {
  const root = rootOf(redis);
  await root.call("ACL", "SETUSER", admin, "on", `>${adminPassword}`, "resetchannels", "-@all", ...nodeRights);
  await root.call("ACL", "SETUSER", user, "on", `>${password}`, "~*", "&*", "+@all", "-@dangerous");
  root.disconnect();
}
