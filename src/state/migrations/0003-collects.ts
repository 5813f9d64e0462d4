import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** One-time links over which people hand values in. */
export const collects: Migration = {
  up: async (db) => {
    await sql`create table keyturn.collects (
      id text primary key,
      rotation_id text not null references keyturn.rotations,
      token_hash text not null unique,
      actor_kind text not null check (actor_kind in ('slack', 'os', 'engine')),
      actor_id text not null,
      team text not null,
      fields text not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      voided_at timestamptz,
      key_id text not null,
      mac bytea not null
    )`.execute(db);
    await sql`create index collects_rotation on keyturn.collects (rotation_id)`.execute(db);
  },
};
