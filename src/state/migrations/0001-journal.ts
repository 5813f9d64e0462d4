import { type RawBuilder, sql } from "kysely";
import type { Migration } from "kysely/migration";

const actor = sql`actor_kind text not null check (actor_kind in ('slack', 'os', 'engine')), actor_id text not null, team text not null`;
const signed = sql`key_id text not null, mac bytea not null`;

const statements: readonly RawBuilder<unknown>[] = [
  sql`create table keyturn.rotations (
    id text primary key,
    secret text not null,
    environment text not null,
    status text not null check (status in ('pending', 'running', 'held', 'blocked', 'ended')),
    line text not null,
    opened_at timestamptz not null,
    due_at timestamptz,
    last_seq integer not null,
    key_id text not null,
    wrapped_key bytea
  )`,
  sql`create index rotations_open on keyturn.rotations (opened_at) where status <> 'ended'`,
  sql`create index rotations_target on keyturn.rotations (secret, environment, opened_at)`,
  sql`create table keyturn.leases (
    rotation_id text primary key references keyturn.rotations,
    epoch integer not null default 0,
    holder text,
    until timestamptz,
    wants integer not null default 0,
    hearing integer not null default 0,
    heard integer not null default 0
  )`,
  sql`create table keyturn.events (
    rotation_id text not null references keyturn.rotations,
    seq integer not null check (seq > 0),
    at timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
    epoch integer not null,
    version integer not null,
    event text not null,
    primary key (rotation_id, seq)
  )`,
  sql`create table keyturn.seals (
    rotation_id text not null references keyturn.rotations,
    slot text not null,
    position text not null,
    sealed bytea not null,
    primary key (rotation_id, slot, position)
  )`,
  sql`create table keyturn.late_outcomes (
    rotation_id text not null references keyturn.rotations,
    epoch integer not null,
    effect text not null,
    sealed bytea not null,
    primary key (rotation_id, epoch, effect)
  )`,
  sql`create table keyturn.locks (name text primary key, rotation_id text not null references keyturn.rotations)`,
  sql`create index locks_rotation on keyturn.locks (rotation_id)`,
  sql`create table keyturn.commands (
    id text primary key,
    rotation_id text not null references keyturn.rotations,
    verb text not null,
    ${actor},
    once_key text not null,
    at timestamptz not null,
    detail text not null,
    state text not null check (state in ('open', 'consumed', 'forged')),
    ${signed},
    unique (rotation_id, verb, actor_kind, actor_id, team, once_key)
  )`,
  sql`create index commands_open on keyturn.commands (rotation_id) where state = 'open'`,
  sql`create table keyturn.votes (
    rotation_id text not null references keyturn.rotations,
    subject text not null,
    ${actor},
    decision text not null check (decision in ('approve', 'reject')),
    digest text not null,
    because text not null,
    at timestamptz not null,
    ${signed},
    primary key (rotation_id, subject, actor_kind, actor_id, team)
  )`,
  sql`create table keyturn.audit (
    seq integer primary key,
    at timestamptz not null,
    ${actor},
    verb text not null,
    rotation_id text,
    detail text not null,
    hash bytea not null,
    ${signed}
  )`,
  sql`create table keyturn.audit_head (one boolean primary key check (one), seq integer not null, at timestamptz, hash bytea not null)`,
  sql`insert into keyturn.audit_head values (true, 0, null, decode(repeat('00', 32), 'hex'))`,
  sql`create table keyturn.cursors (rotation_id text primary key references keyturn.rotations, text text not null)`,
  sql`create table keyturn.notices (
    rotation_id text not null references keyturn.rotations,
    name text not null,
    at timestamptz not null,
    primary key (rotation_id, name)
  )`,
  sql`create table keyturn.deliveries (key text primary key, at timestamptz not null)`,
  sql`create index deliveries_at on keyturn.deliveries (at)`,
  sql`create table keyturn.pins (name text primary key, value text not null)`,
];

/** Everything of the first version. There is no way down: the journal is never thrown away. */
export const journal: Migration = {
  up: async (db) => {
    for (const statement of statements) await statement.execute(db);
  },
};
