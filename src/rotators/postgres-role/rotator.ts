import type { Context, Rotator } from "../../core/ports.ts";
import { openAdmin } from "./admin.ts";
import { PostgresRoleConfig, serversOf } from "./config.ts";
import { issuerOn } from "./issuer.ts";
import { shapeOf } from "./shape.ts";

/** Rotates the password of PostgreSQL login roles: two that alternate without a cut, or one with a cut. See README.md. */
export const postgresRole: Rotator = {
  kind: "postgres-role",
  config: PostgresRoleConfig,
  bind: (entry) => {
    const config = PostgresRoleConfig.parse(entry);
    return {
      shape: shapeOf(config),
      open: async (context: Context) => issuerOn(await openAdmin(serversOf(config), config, context), config, context),
    };
  },
};
