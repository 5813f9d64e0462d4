import { createHash } from "node:crypto";
import { sql, type Transaction } from "kysely";
import type { AuditEntry, State } from "../core/state.ts";
import { actorColumns } from "./actors.ts";
import type { Database } from "./database.ts";
import type { Keyring } from "./seal-keys.ts";
import { storable } from "./storable.ts";
import type { AuditTable, Tables } from "./tables.ts";

type Hashed = Pick<AuditTable, "seq" | "actor_kind" | "actor_id" | "team" | "verb" | "rotation_id" | "detail"> & {
  readonly at: string;
};

/**
 * The audit log: each entry's hash covers the entry and the hash before it, and an HMAC covers the hash. Taking an entry
 * off the end shows only against a hash that was noted elsewhere (the last line of each thread).
 */
export function auditOf(database: Database, keyring: Keyring): Pick<State, "audit" | "auditHead" | "verifyAudit"> {
  return {
    audit: (entry) => database.write((db) => addAudit(db, keyring, [entry])),
    auditHead: async () => (await database.read(readHead)).hash.toString("hex"),
    verifyAudit: (expected) => verify(database, keyring, expected),
  };
}

/**
 * Chains the entries. Call it last in a transaction: the row lock of the head is held from here to the commit, and every
 * other transaction that audits waits for it.
 */
export async function addAudit(
  db: Transaction<Tables>,
  keyring: Keyring,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const head = await db
    .selectFrom("audit_head")
    .select(["seq", "hash", sql<Date>`greatest(at, date_trunc('milliseconds', clock_timestamp()))`.as("now")])
    .forUpdate()
    .executeTakeFirstOrThrow();
  const at = head.now.toISOString();
  let { seq, hash } = head;
  const rows = entries.map((entry) => {
    seq += 1;
    const fields = {
      seq,
      at,
      ...actorColumns(entry.actor),
      verb: storable(entry.verb),
      rotation_id: entry.rotationId === undefined ? null : storable(entry.rotationId),
      detail: storable(entry.detail),
    };
    hash = chained(hash, fields);
    return { ...fields, hash, ...keyring.sign("audit", hash.toString("hex")) };
  });
  await db
    .with("added", (with_) => with_.insertInto("audit").values(rows))
    .updateTable("audit_head")
    .set({ seq, hash, at })
    .execute();
}

async function readHead(db: Parameters<Parameters<Database["read"]>[0]>[0]): Promise<{ seq: number; hash: Buffer }> {
  return db.selectFrom("audit_head").select(["seq", "hash"]).executeTakeFirstOrThrow();
}

async function verify(
  database: Database,
  keyring: Keyring,
  expected: string | undefined,
): ReturnType<State["verifyAudit"]> {
  const head = await database.read(readHead);
  let hash = Buffer.alloc(32);
  let entries = 0;
  let foundAt: number | undefined;
  const answer = (problem?: string): Awaited<ReturnType<State["verifyAudit"]>> => {
    const found = foundAt === undefined ? {} : { foundAt };
    const result = { ok: problem === undefined, entries, head: head.hash.toString("hex"), ...found };
    return problem === undefined ? result : { ...result, problem };
  };
  while (entries < head.seq) {
    const rows = await page(database, entries, head.seq);
    if (rows.length === 0) return answer(`entry ${entries + 1} is missing`);
    for (const row of rows) {
      if (row.seq !== entries + 1) return answer(`entry ${entries + 1} is missing`);
      hash = chained(hash, { ...row, at: row.at.toISOString() });
      if (!hash.equals(row.hash)) return answer(`entry ${row.seq} was changed, or one before it was taken away`);
      if (!keyring.holds("audit", hash.toString("hex"), row)) return answer(unsigned(keyring, row));
      entries = row.seq;
      if (expected !== undefined && hash.toString("hex").startsWith(expected)) foundAt = row.seq;
    }
  }
  if (!hash.equals(head.hash)) return answer(`the head does not fit entry ${entries}`);
  const beyond = await beyondHead(database);
  return answer(
    beyond === undefined ? undefined : `entry ${beyond} was put in behind the head: nothing can be recorded any more`,
  );
}

/** In one statement, so that an entry which is recorded at this moment is no finding. */
async function beyondHead(database: Database): Promise<number | undefined> {
  const row = await database.read((db) =>
    db
      .selectFrom("audit")
      .select("seq")
      .where("seq", ">", (head) => head.selectFrom("audit_head").select("audit_head.seq"))
      .orderBy("seq")
      .limit(1)
      .executeTakeFirst(),
  );
  return row?.seq;
}

async function page(database: Database, after: number, last: number) {
  return database.read((db) =>
    db
      .selectFrom("audit")
      .selectAll()
      .where("seq", ">", after)
      .where("seq", "<=", last)
      .orderBy("seq")
      .limit(1_000)
      .execute(),
  );
}

function unsigned(keyring: Keyring, row: { readonly seq: number; readonly key_id: string }): string {
  return keyring.wrapping(row.key_id) === undefined
    ? `entry ${row.seq} was signed under the seal key ${row.key_id}, which is not there`
    : `entry ${row.seq} has no valid signature`;
}

function chained(before: Buffer, entry: Hashed): Buffer<ArrayBuffer> {
  const { seq, at, actor_kind, actor_id, team, verb, rotation_id, detail } = entry;
  const text = JSON.stringify([before.toString("hex"), seq, at, actor_kind, actor_id, team, verb, rotation_id, detail]);
  return createHash("sha256").update(text).digest();
}
