import type { Mistake, Path } from "./problem.ts";
import { textsIn } from "./raw.ts";

const own = /^(?:KEYTURN_.*|SLACK_.*|DATABASE_URL|QUEUE_URL)$/;

/** Whether a variable is one that Keyturn itself reads: the catalog can never refer to it. */
export function isOwnName(name: string): boolean {
  return own.test(name.toUpperCase());
}

/** References name variables that are not Keyturn's own. */
export function referenceRules(value: unknown, path: Path): readonly Mistake[] {
  return textsIn(value, path).flatMap(({ text, path: place }) =>
    [...text.matchAll(/(?<![A-Za-z0-9_])env:([A-Za-z0-9_]+)/g)]
      .filter(([, name = ""]) => isOwnName(name))
      .map((found) => ({
        path: place,
        offset: found.index,
        found: found[0],
        sentence: `${found[1] ?? ""} belongs to Keyturn itself`,
        hint: "give the target a credential of its own, under another name",
      })),
  );
}
