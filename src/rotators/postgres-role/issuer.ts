import { GiveUp } from "../../core/errors.ts";
import type { Context, Issuer } from "../../core/ports.ts";
import { type PostgresRoleConfig, rolesOf } from "./config.ts";
import { fenceOn } from "./fence.ts";
import { identifyOn, listOn } from "./identify.ts";
import { issueOn } from "./issue.ts";
import type { Line } from "./line.ts";
import { tellPgbouncer } from "./pgbouncer.ts";
import { preflightOn } from "./preflight.ts";
import { proposeFor } from "./propose.ts";
import { refusalsOn } from "./refusals.ts";
import { disableOn, enableOn, revokeOn } from "./retire.ts";
import { tryCredential } from "./trial.ts";
import { closeSessionOn, usageOn } from "./usage.ts";
import { vacantRole } from "./vacant.ts";

/** The issuer over one open administrative line per server. */
export function issuerOn(lines: readonly Line[], config: PostgresRoleConfig, context: Context): Issuer {
  const { session } = context;
  const roles = rolesOf(config);
  const own = (role: string): void => {
    if (!roles.includes(role)) throw new GiveUp("unknown_principal", `role ${role} is not one of this target`);
  };
  return {
    fence: () => fenceOn(lines, session),
    preflight: (current) => preflightOn(lines, config, current, context),
    list: () => listOn(lines, roles),
    identify: (fields) => identifyOn(lines, roles, fields),
    propose: async ({ rotationId, current, alphabet }) =>
      proposeFor(await vacantRole(lines, roles, current), rotationId, alphabet, config.passwordLength),
    issue: async ({ proposed, current }) => {
      if (proposed === undefined) throw new GiveUp("nothing_proposed", "there is no proposed credential to issue");
      own(proposed.ref.principal);
      return issueOn(lines, session, proposed, current);
    },
    ...(config.pgbouncer?.mode === "auth_file"
      ? { published: (credential) => tellPgbouncer(credential, config, context) }
      : {}),
    test: (credential) => tryCredential(credential, config, context),
    usage: async (ref, other) => usageOn(lines, ref, other),
    closeSession: (id) => closeSessionOn(lines, session, id),
    disable: async (ref) => {
      own(ref.principal);
      await disableOn(lines, session, ref);
    },
    enable: async ({ ref }) => {
      own(ref.principal);
      await enableOn(lines, session, ref);
    },
    revoke: async (ref) => {
      own(ref.principal);
      await revokeOn(lines, session, ref);
    },
    ...(config.log ? { refusals: (ref, since) => refusalsOn(lines, ref, since) } : {}),
    close: async () => {
      for (const line of lines) await line.close();
    },
  };
}
