import { escapeIdentifier as id } from "pg";
import type { AdoptDatabase, AdoptState } from "./adopt-state.ts";

/** One command for a person to run, in this order. `lock`: it waits for, and then holds up, every query on the objects for a moment. */
export type AdoptStep = {
  readonly database: string;
  readonly sql: string;
  readonly why: string;
  readonly effect: "none" | "lock";
  /** Takes the step back; to be run in reverse order. */
  readonly undo: string | undefined;
};

/** `blockers`: why it cannot be done this way yet. `notes`: what the commands cannot do. `entry`: what the catalog then says. */
export type AdoptPlan = {
  readonly steps: readonly AdoptStep[];
  readonly blockers: readonly string[];
  readonly notes: readonly string[];
  readonly entry: { readonly roles: readonly [string, string]; readonly owner: string };
};

/**
 * The way from one role that owns what it uses to two roles over an owner, without a refused login: the old role keeps its
 * password throughout, and is a member of the owner before anything changes hands. To be run by a superuser (or the
 * provider's master role). Steps that the state shows as done are left out; an empty list means that all is done.
 */
export function adoptPostgres(state: AdoptState): AdoptPlan {
  const { role, other, owner, ownerExists } = state;
  const server = (sql: string, why: string, undo?: string): AdoptStep => ({
    database: state.database,
    sql,
    why,
    effect: "none",
    undo,
  });
  const steps = [
    ...(ownerExists
      ? []
      : [
          server(
            `CREATE ROLE ${id(owner)} NOLOGIN${state.attributes};`,
            "owns everything, logs in nowhere",
            `DROP ROLE ${id(owner)};`,
          ),
        ]),
    ...membership(state, server),
    ...state.memberships.map((grant) =>
      server(`${grant};`, `${owner} may what ${role} may as a member of others`, revoked(grant)),
    ),
    ...state.databases.flatMap((database) => privileges(state, database)),
    ...state.databases.flatMap((database) => reassign(state, database)),
    ...(state.otherExists
      ? []
      : [
          server(
            `CREATE ROLE ${id(other)} NOLOGIN${state.attributes};`,
            "the second role; a rotation lets it log in",
            `DROP ROLE ${id(other)};`,
          ),
        ]),
    ...(state.otherIsMember
      ? []
      : [
          server(
            `GRANT ${id(owner)} TO ${id(other)};`,
            `${other} may what ${owner} may`,
            `REVOKE ${id(owner)} FROM ${id(other)};`,
          ),
        ]),
    ...state.settings.map((set) =>
      server(`ALTER ROLE ${id(other)} ${set};`, `${other} starts with the settings of ${role}`),
    ),
    ...state.databases.flatMap((database) => schemaOfOwnName(state, database)),
    ...[role, other]
      .filter((name) => !state.actingAsOwner.includes(name))
      .map((name) => actAsOwner(state, name, server)),
    ...adminGrants(state, server),
  ];
  return { steps, blockers: blockersOf(state), notes: notesOf(state), entry: { roles: [role, other], owner } };
}

type Server = (sql: string, why: string, undo?: string) => AdoptStep;

function membership({ role, owner, roleIsMember, roleInherits, version }: AdoptState, server: Server): AdoptStep[] {
  if (roleIsMember) return [];
  const undo = `REVOKE ${id(owner)} FROM ${id(role)};`;
  const why = `${role} keeps all it has when ${owner} becomes the owner`;
  if (version >= 16) return [server(`GRANT ${id(owner)} TO ${id(role)} WITH INHERIT TRUE, SET TRUE;`, why, undo)];
  const inherit = roleInherits
    ? []
    : [
        server(
          `ALTER ROLE ${id(role)} INHERIT;`,
          "memberships count without SET ROLE",
          `ALTER ROLE ${id(role)} NOINHERIT;`,
        ),
      ];
  return [...inherit, server(`GRANT ${id(owner)} TO ${id(role)};`, why, undo)];
}

function privileges({ role, owner }: AdoptState, database: AdoptDatabase): AdoptStep[] {
  const grants = database.grants.map((sql) => ({
    sql,
    why: `${owner} gets the privileges that ${role} has on objects of others`,
    undo: revoked(sql),
  }));
  const defaults = database.defaults.map((sql) => ({
    sql,
    why: "new objects come with the same privileges as before",
    undo: undefined,
  }));
  return [...grants, ...defaults].map(({ sql, why, undo }) => ({
    database: database.name,
    sql: `${sql};`,
    why,
    effect: "none",
    undo,
  }));
}

function reassign({ role, owner }: AdoptState, { name, owned }: AdoptDatabase): AdoptStep[] {
  if (owned === 0) return [];
  const inOne = (from: string, to: string): string =>
    `BEGIN; SET LOCAL lock_timeout = '2s'; REASSIGN OWNED BY ${id(from)} TO ${id(to)}; COMMIT;`;
  const why = `${owned} objects change hands; it takes an exclusive lock on each, gives up after 2 s of waiting and changes nothing then: run it again in a quiet moment`;
  return [{ database: name, sql: inOne(role, owner), why, effect: "lock", undo: inOne(owner, role) }];
}

/** `"$user"` in search_path means the acting role, which will be the owner. */
function schemaOfOwnName({ role, other }: AdoptState, database: AdoptDatabase): AdoptStep[] {
  if (!database.schemaOfOwnName) return [];
  return [role, other].map((name) => ({
    database: database.name,
    sql: `ALTER ROLE ${id(name)} IN DATABASE ${id(database.name)} SET search_path TO ${id(role)}, public;`,
    why: `schema ${role} was found by "$user", which will mean the owner`,
    effect: "none",
    undo: `ALTER ROLE ${id(name)} IN DATABASE ${id(database.name)} RESET search_path;`,
  }));
}

function actAsOwner({ owner }: AdoptState, name: string, server: Server): AdoptStep {
  return server(
    `ALTER ROLE ${id(name)} SET role TO ${id(owner)};`,
    `what new sessions of ${name} make belongs to ${owner}`,
    `ALTER ROLE ${id(name)} RESET role;`,
  );
}

function adminGrants({ role, other, admin, version, adminMayChange }: AdoptState, server: Server): AdoptStep[] {
  if (version < 16) return [];
  return [role, other]
    .filter((name) => !adminMayChange.includes(name))
    .map((name) =>
      server(
        `GRANT ${id(name)} TO ${id(admin)} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`,
        `${admin} may change ${name}`,
        `REVOKE ${id(name)} FROM ${id(admin)};`,
      ),
    );
}

function blockersOf(state: AdoptState): string[] {
  const { role } = state;
  if (!state.roleExists) return [`role ${role} does not exist`];
  return state.superuser
    ? [`role ${role} is a superuser: an application must not be; take that away first and see what breaks`]
    : [];
}

function notesOf(state: AdoptState): string[] {
  const { role, owner } = state;
  const policies = state.databases.flatMap(({ policies: names, name }) =>
    names.map(
      (policy) => `${name}: policy ${policy} names ${role}; let it name ${owner} too, since new sessions act as it`,
    ),
  );
  const mappings = state.databases
    .filter(({ userMappings }) => userMappings > 0)
    .map(({ name }) => `${name}: ${role} has user mappings; make the same ones for ${owner}`);
  return [
    `sessions that are open now go on as ${role}: what they still make belongs to ${role}, so run REASSIGN OWNED once more after the first rotation`,
    `current_user becomes ${owner} in new sessions (session_user stays ${role})`,
    "allow the second role in pg_hba.conf, and in PgBouncer where it lists its users, as the first one is",
    ...policies,
    ...mappings,
  ];
}

/** The same words, backwards. */
function revoked(grant: string): string {
  const words = grant.replace(/ WITH (GRANT|ADMIN) OPTION$/, "");
  const at = words.lastIndexOf(" TO ");
  return `REVOKE${words.slice("GRANT".length, at)} FROM ${words.slice(at + " TO ".length)};`;
}
