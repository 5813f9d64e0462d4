import type { RotatorShape } from "../../core/ports.ts";
import { type PostgresRoleConfig, rolesOf, serversOf } from "./config.ts";

/** The four answers for PostgreSQL: two roles that alternate are `dual`, one role is a cut. */
export function shapeOf(config: PostgresRoleConfig): RotatorShape {
  const isDual = config.roles !== undefined;
  const bouncer = config.pgbouncer?.mode === "auth_query" ? ", and once through PgBouncer" : "";
  return {
    origin: "proposed",
    overlap: isDual ? "dual" : "single",
    triedAt: "issuer",
    abilities: { usage: "sessions", disable: true, refusals: config.log, closeSession: true },
    issueWithinMs: 0,
    deadWithinMs: 0,
    principals: serversOf(config).flatMap((server) =>
      rolesOf(config).map((role) => `postgres-role ${server.label} ${role}`),
    ),
    fields: { username: "public", password: "secret", scram: "secret" },
    words: {
      issue: isDual
        ? `sets a new password on the vacant one of ${rolesOf(config).join(" and ")}`
        : `replaces the password of ${rolesOf(config).join()}`,
      retire: isDual
        ? "NOLOGIN first, which can be undone; then the password is removed"
        : "the old password ends at the moment the new one is set",
      proof: `one login per server${bouncer}: the old one must be refused with 28P01 or as a role that may not log in`,
      ...(isDual
        ? {}
        : {
            cut: "new connections with the old password are refused from the change until each application has reloaded; open sessions go on",
          }),
    },
  };
}
