import type { Rotator } from "../core/ports.ts";
import { postgresRole } from "./postgres-role/rotator.ts";
import { redisAcl } from "./redis-acl/rotator.ts";

/** Every kind of credential that Keyturn can rotate, one line each. */
export const rotators: readonly Rotator[] = [postgresRole, redisAcl];
