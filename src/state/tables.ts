import type { ColumnType, Generated } from "kysely";

/** Read as Date, written as ISO 8601 with milliseconds, which is all the precision that is ever stored. */
type Time = ColumnType<Date, string, string>;
type MaybeTime = ColumnType<Date | null, string | null, string | null>;

/** `team` is "" for an actor without one, so that it can be part of unique keys. */
type ActorColumns = { actor_kind: "slack" | "os" | "engine"; actor_id: string; team: string };

/** A signature and the id of the seal key it was made under. */
type SignedColumns = { key_id: string; mac: Buffer };

/** One row per rotation: the headline for lists, the counters that appends compare, the wrapped data key. */
export type RotationTable = {
  id: string;
  secret: string;
  environment: string;
  status: "pending" | "running" | "held" | "blocked" | "ended";
  line: string;
  opened_at: Time;
  due_at: MaybeTime;
  last_seq: number;
  key_id: string;
  /** Null once the sealed values are to be gone. */
  wrapped_key: Buffer | null;
};

/** `wants` counts presses; `heard` is the count when the last holder began that gave its lease back in order. */
export type LeaseTable = {
  rotation_id: string;
  epoch: Generated<number>;
  holder: string | null;
  until: MaybeTime;
  wants: Generated<number>;
  hearing: Generated<number>;
  heard: Generated<number>;
  overtaken_at: MaybeTime;
};

export type EventTable = {
  rotation_id: string;
  seq: number;
  at: Generated<Date>;
  epoch: number;
  version: number;
  event: string;
};
export type SealTable = { rotation_id: string; slot: string; position: string; sealed: Buffer };
export type LateOutcomeTable = { rotation_id: string; epoch: number; effect: string; sealed: Buffer };
export type LockTable = { name: string; rotation_id: string };

/** `forged`: its signature did not verify; kept for whoever looks into it. */
export type CommandTable = ActorColumns &
  SignedColumns & {
    id: string;
    rotation_id: string;
    verb: string;
    once_key: string;
    at: Time;
    detail: string;
    state: "open" | "consumed" | "forged";
  };

/** A one-time link. `fields`: the names of what is asked for, as JSON. */
export type CollectTable = ActorColumns &
  SignedColumns & {
    id: string;
    rotation_id: string;
    /** SHA-256 of the token, in hex; the token itself is kept nowhere. */
    token_hash: string;
    fields: string;
    expires_at: Time;
    used_at: MaybeTime;
    voided_at: MaybeTime;
  };

export type VoteTable = ActorColumns &
  SignedColumns & {
    rotation_id: string;
    subject: string;
    decision: "approve" | "reject";
    digest: string;
    because: string;
    at: Time;
  };

export type AuditTable = ActorColumns &
  SignedColumns & { seq: number; at: Time; verb: string; rotation_id: string | null; detail: string; hash: Buffer };

/** One row. Its row lock puts audit entries in order. */
export type AuditHeadTable = { one: boolean; seq: number; at: MaybeTime; hash: Buffer };

export type CursorTable = { rotation_id: string; text: string };
export type NoticeTable = { rotation_id: string; name: string; at: Time };
export type DeliveryTable = { key: string; at: Time };
export type PinTable = { name: string; value: string };

/** The tables of the schema `keyturn`, as the newest migration leaves them. */
export type Tables = {
  rotations: RotationTable;
  leases: LeaseTable;
  events: EventTable;
  seals: SealTable;
  late_outcomes: LateOutcomeTable;
  locks: LockTable;
  commands: CommandTable;
  collects: CollectTable;
  votes: VoteTable;
  audit: AuditTable;
  audit_head: AuditHeadTable;
  cursors: CursorTable;
  notices: NoticeTable;
  deliveries: DeliveryTable;
  pins: PinTable;
};
