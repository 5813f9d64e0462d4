import { type Answers, type Composed, compose } from "./algebra.ts";
import { KeyturnError } from "./errors.ts";
import type { Present } from "./events.ts";
import type { Plan } from "./plan.ts";

/**
 * Whether nothing tells which credential is in use: a store cannot be read, and no other publish of the target says it. What is
 * written there cannot be taken back then.
 */
export function isBlind({ publishes }: Pick<Plan, "publishes">, present: Present): boolean {
  return present === "unknown" && publishes.some(({ readable }) => readable === false);
}

/**
 * The plan of a target whose current credential nobody can read: no way back after the publish, and nothing is done to the old
 * one but by a person who is asked to revoke it. Before the publish it can be stopped; a new one that was brought by then is
 * revoked by a person too.
 *
 * Throws KeyturnError("not_composable") where the old one would have to be retired by a program, or kept accepted.
 */
export function composeBlind(answers: Answers): Composed {
  const { overlap, revokeBy } = answers;
  if (overlap === "accept-first" || overlap === "delegated" || (overlap === "dual" && revokeBy !== "person")) {
    throw new KeyturnError(
      "not_composable",
      "nothing tells which credential is in use, so the old one could not be retired",
      { hint: "publish to a store that can be read as well; a copy that only Keyturn reads says mirror: true" },
    );
  }
  const { steps, back } = compose({ ...answers, present: "works", disable: false, usage: "none" });
  const ends = back.filter(({ kind, slot }) => slot === "pending" && (kind === "confirm" || kind === "prove"));
  return { steps, back: overlap === "dual" ? ends : [], pointOfNoReturn: "publish" };
}
