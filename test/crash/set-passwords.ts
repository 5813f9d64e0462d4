import { createHash } from "node:crypto";
import { parseEnv } from "node:util";
import { z } from "zod";
import type { Rotated } from "./rotate.ts";

/** Every password that an administration API was ever asked to set, in order. */
export const Sets = z
  .object({ sets: z.array(z.object({ at: z.string(), id: z.string(), digest: z.string() })) })
  .transform(({ sets }) => sets);
export type Sets = z.infer<typeof Sets>;

/**
 * The API was asked to set the new password, and on the way back the old one after it: none but these, none before the other, and
 * each at most once more for each kill.
 */
export function judgeSets(
  sets: Sets,
  {
    journal,
    killedAt,
    storedBefore,
    storedAfter,
  }: Pick<Rotated, "journal" | "killedAt" | "storedBefore" | "storedAfter">,
  { id, variable }: { readonly id: string; readonly variable: string },
): readonly string[] {
  const mine = sets.filter(({ at }) => at >= (journal[0]?.at ?? ""));
  const runs = mine.filter(({ digest }, index) => digest !== mine[index - 1]?.digest);
  const back = journal.some(({ event }) => event.type === "turned_back");
  const [old, last] = [storedBefore, storedAfter].map((text) => digestOf(parseEnv(text)[variable] ?? ""));
  const found: string[] = [];
  if (mine.some((each) => each.id !== id)) found.push("another user was given a password");
  if (runs.length !== (back ? 2 : 1)) found.push(`${runs.length} passwords were set one after the other`);
  if (runs[0]?.digest === old) found.push("the old password was set first");
  if (runs.at(-1)?.digest !== last) found.push("the password that was set last is not the published one");
  if (mine.length - runs.length > killedAt.length) found.push(`${mine.length} passwords were set`);
  return found;
}

/** Refusals before the change was intended, or after every application had settled on what was set. */
export function outsideOfCut({ journal }: Pick<Rotated, "journal">, refusals: readonly string[]): readonly string[] {
  const beganAt = journal[0]?.at ?? "";
  const cuts = ["", "back-"].flatMap((way) => {
    const from = journal.find(({ event }) => event.type === "intended" && event.step === `${way}issue`)?.at;
    const to = journal.find(({ event }) => event.type === "step_done" && event.step === `${way}rollout`)?.at;
    return from === undefined || to === undefined ? [] : [{ from, to }];
  });
  return refusals
    .filter((at) => at >= beganAt && !cuts.some(({ from, to }) => at >= from && at <= to))
    .map((at) => `the application was refused at ${at}, outside of ${JSON.stringify(cuts)}`);
}

function digestOf(password: string): string {
  return createHash("sha256").update(password).digest("hex");
}
