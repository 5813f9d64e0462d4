import { randomBytes } from "node:crypto";
import { type Postgres, queryOnce } from "../servers/postgres.ts";
import type { Target } from "./target.ts";

/** Roles of their own on a shared server: two over an owner that take turns, or one. */
export async function postgresTarget(server: Postgres, mode: "dual" | "single", proxyPort: number): Promise<Target> {
  const tag = randomBytes(3).toString("hex");
  const [owner, admin] = [`crash_${tag}`, `admin_${tag}`];
  const roles = mode === "dual" ? [`${owner}_a`, `${owner}_b`] : [`${owner}_a`];
  const [first = ""] = roles;
  const [password, adminPassword] = [randomBytes(12).toString("hex"), randomBytes(12).toString("hex")];
  await server.query(`CREATE ROLE ${admin} LOGIN CREATEROLE PASSWORD '${adminPassword}'`);
  await server.query(`GRANT pg_signal_backend, pg_read_all_stats TO ${admin}`);
  await server.query(`CREATE ROLE ${owner} NOLOGIN`);
  for (const role of roles) {
    const login = role === first ? `LOGIN PASSWORD '${password}'` : "NOLOGIN";
    await server.query(`CREATE ROLE ${role} ${login} IN ROLE ${owner}`);
    await server.query(`ALTER ROLE ${role} SET role TO ${owner}`);
    await server.query(`GRANT ${role} TO ${admin} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
  }
  return {
    kind: "postgres",
    overlap: mode,
    rotator: {
      kind: "postgres-role",
      url: `postgresql://127.0.0.1:${proxyPort}/postgres`,
      admin: { username: admin, password: "env:ADMIN" },
      ...(mode === "dual" ? { roles, owner } : { role: first }),
    },
    template: `postgresql://{{username|url}}:{{password|url}}@127.0.0.1:${server.port}/postgres`,
    firstUrl: server.urlFor({ user: first, password }),
    adminPassword,
    names: [...roles, owner, admin],
    look: async () => {
      const rows = await server.query(
        "SELECT rolname, rolcanlogin, rolpassword IS NOT NULL AS has FROM pg_authid WHERE rolname = ANY($1)",
        [roles],
      );
      return {
        live: rows.filter((row) => row["rolcanlogin"] === true).map((row) => String(row["rolname"])),
        passwords: rows.filter((row) => row["has"] === true).length,
      };
    },
    accepts: async (url) => {
      try {
        return (await queryOnce(url, "SELECT 1")).length === 1;
      } catch {
        return false;
      }
    },
  };
}
