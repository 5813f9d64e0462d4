import type { Actor } from "../core/state.ts";
import { storable } from "./storable.ts";

type ActorColumns = { readonly actor_kind: Actor["kind"]; readonly actor_id: string; readonly team: string };

/** An actor as columns; no team is the empty text, so that the columns can be part of a unique key. */
export function actorColumns(actor: Actor): ActorColumns {
  return { actor_kind: actor.kind, actor_id: storable(actor.id), team: storable(actor.team ?? "") };
}

/** The actor of a row. */
export function actorOf(row: ActorColumns): Actor {
  const actor = { kind: row.actor_kind, id: row.actor_id };
  return row.team === "" ? actor : { ...actor, team: row.team };
}
