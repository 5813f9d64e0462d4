import type { State, Vote } from "../core/state.ts";
import { actorColumns, actorOf } from "./actors.ts";
import { addAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { pressAt, want } from "./leases.ts";
import type { Log } from "./log.ts";
import type { Keyring } from "./seal-keys.ts";
import { storable } from "./storable.ts";
import type { VoteTable } from "./tables.ts";

type Signed = Omit<VoteTable, "at" | "key_id" | "mac"> & { readonly at: string };

/** Votes, one per rotation, subject and person. A row without a valid signature is no vote, nor does it stand in the way of one. */
export function votesOf(database: Database, keyring: Keyring, log: Log): Pick<State, "addVote" | "votes"> {
  const holds = (row: Omit<VoteTable, "at"> & { readonly at: Date }): boolean =>
    keyring.holds("vote", signedText({ ...row, at: row.at.toISOString() }), row);
  return {
    addVote: (vote, audit) =>
      database.write(async (db) => {
        const person = { rotation_id: vote.rotationId, subject: storable(vote.subject), ...actorColumns(vote.actor) };
        const at = await pressAt(db, vote.rotationId);
        const present = await db
          .selectFrom("votes")
          .selectAll()
          .where((row) => row.and(person))
          .executeTakeFirst();
        if (present !== undefined && holds(present)) return false;
        if (present !== undefined) {
          log.error(
            { rotationId: vote.rotationId, actor: vote.actor.id },
            "a vote without a valid signature was replaced: somebody wrote to the database",
          );
          await db
            .deleteFrom("votes")
            .where((row) => row.and(person))
            .execute();
        }
        const fields = {
          ...person,
          decision: vote.decision,
          digest: storable(vote.digest),
          because: storable(vote.because ?? ""),
          at,
        };
        await db
          .insertInto("votes")
          .values({ ...fields, ...keyring.sign("vote", signedText(fields)) })
          .execute();
        await want(db, vote.rotationId);
        await addAudit(db, keyring, [audit]);
        return true;
      }),
    votes: async (rotationId) => {
      const rows = await database.read((db) =>
        db
          .selectFrom("votes")
          .selectAll()
          .where("rotation_id", "=", rotationId)
          .orderBy("at")
          .orderBy("actor_id")
          .execute(),
      );
      const real = rows.filter(holds);
      if (real.length < rows.length) {
        log.error(
          { rotationId, count: rows.length - real.length },
          "votes without a valid signature count for nothing: somebody wrote to the database",
        );
      }
      return real.map(
        (row): Vote => ({
          rotationId,
          actor: actorOf(row),
          decision: row.decision,
          digest: row.digest,
          subject: row.subject,
          ...(row.because.length > 0 ? { because: row.because } : {}),
          at: row.at.toISOString(),
        }),
      );
    },
  };
}

function signedText(row: Signed): string {
  const { rotation_id, subject, actor_kind, actor_id, team, decision, digest, because, at } = row;
  return JSON.stringify([rotation_id, subject, actor_kind, actor_id, team, decision, digest, because, at]);
}
