import { explain } from "../core/errors.ts";
import { type AdoptStep, adoptPostgres } from "../rotators/postgres-role/adopt.ts";
import { type AdoptState, readAdoptState } from "../rotators/postgres-role/adopt-state.ts";
import { PostgresRoleConfig } from "../rotators/postgres-role/config.ts";
import { complain, line } from "./output.ts";
import type { Found } from "./target.ts";

/** The way to two roles over an owner, as a script for psql that stops at the first error. Whatever is no command is a comment. */
export async function adoptRole({ target, context }: Found): Promise<number> {
  const config = PostgresRoleConfig.parse(target.rotator);
  const state = await stateOrAdmin(config, context);
  if (state === undefined) {
    return 1;
  }
  const { steps, blockers, notes, entry } = adoptPostgres(state);
  if (blockers.length > 0) {
    blockers.forEach((blocker) => complain(`it cannot be done this way yet: ${blocker}`));
    return 1;
  }
  script(steps);
  if (steps.some(({ undo }) => undo !== undefined)) {
    line("--");
    line("-- to undo, in this order:");
    steps.toReversed().forEach((step) => line(`--   ${undoOf(step)}`));
  }
  line("--");
  notes.forEach((note) => line(`-- note: ${note}`));
  line(`-- the catalog then says: roles: [${entry.roles.join(", ")}], owner: ${entry.owner}`);
  return 0;
}

function script(steps: readonly AdoptStep[]): void {
  if (steps.length === 0) {
    line("-- nothing to do: the roles are as they should be");
    return;
  }
  line('-- for psql, as a superuser: keyturn adopt ... | psql "postgresql://SUPERUSER@HOST/postgres"');
  line("-- the old role keeps its password and logs in throughout; whatever was done already is left out next time");
  line("\\set ON_ERROR_STOP on");
  let database = "";
  for (const step of steps) {
    if (step.database !== database) {
      database = step.database;
      line(`\\connect ${/^[a-z_][a-z0-9_]*$/.test(database) ? database : `"${database.replaceAll('"', '""')}"`}`);
    }
    line(`-- ${step.why}${step.effect === "lock" ? " (LOCKS)" : ""}`);
    line(step.sql);
  }
}

function undoOf({ undo, why, database }: AdoptStep): string {
  return undo === undefined ? `(stays: ${why})` : `${undo}   -- in ${database}`;
}

/** Without a login of its own Keyturn sees nothing, so that comes first. */
async function stateOrAdmin(config: PostgresRoleConfig, context: Found["context"]): Promise<AdoptState | undefined> {
  try {
    return await readAdoptState(config, context);
  } catch (error) {
    const { code, sentence } = explain(error);
    if (code !== "admin_refused") {
      throw error;
    }
    const name = `"${config.admin.username.replaceAll('"', '""')}"`;
    complain(sentence);
    complain(
      `  if there is no such role yet, make it as a superuser in psql, with the password behind ${config.admin.password}:`,
    );
    complain(`    CREATE ROLE ${name} LOGIN CREATEROLE;`);
    complain(`    GRANT pg_signal_backend, pg_read_all_stats TO ${name};`);
    complain(`    \\password ${name}`);
    complain("  then run this again");
    return undefined;
  }
}
