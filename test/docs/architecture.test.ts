import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Answers, type Composed, compose } from "../../src/core/algebra.ts";
import { KeyturnError } from "../../src/core/errors.ts";
import { root } from "../guards/tree.ts";

const page = readFileSync(join(root, "docs/ARCHITECTURE.md"), "utf8");
const cells = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.slice(2, -2).split(" | "));

const usual: Answers = {
  overlap: "dual",
  origin: "proposed",
  triedAt: "issuer",
  disable: true,
  usage: "sessions",
  present: "works",
};

/** What a row of the table stands for, by its first two cells. */
const meant: Readonly<Record<string, Answers>> = {
  "dual | tried at the issuer": usual,
  "dual | tried at the consumer": { ...usual, triedAt: "consumer" },
  "dual | cannot disable": { ...usual, disable: false },
  "dual | use cannot be seen": { ...usual, usage: "none" },
  "dual | there is no current credential": { ...usual, present: "none" },
  "dual | handed in": { ...usual, origin: "handed-in" },
  "dual | handed in, revoked by a person": {
    ...usual,
    origin: "handed-in",
    revokeBy: "person",
    disable: false,
    usage: "none",
  },
  "single | proposed, tried at the issuer": { ...usual, overlap: "single" },
  "single | proposed, tried at the consumer": { ...usual, overlap: "single", triedAt: "consumer" },
  "single | minted, tried at the issuer": { ...usual, overlap: "single", origin: "minted" },
  "single | handed in, tried at the issuer": { ...usual, overlap: "single", origin: "handed-in" },
  "accept-first | proposed": { ...usual, overlap: "accept-first", triedAt: "consumer" },
  "accept-first | there is no current credential": { ...usual, overlap: "accept-first", present: "none" },
};

describe("the algebra table of docs/ARCHITECTURE.md", () => {
  const rows = cells.filter((row) => /^(?:dual|single|accept-first|delegated)$/.test(row[0] ?? ""));

  it("has the rows that the code composes", () => {
    expect(rows.map((row) => row.slice(0, 2).join(" | "))).toEqual(Object.keys(meant));
  });

  it.each(rows)("says of %s, %s what the code composes", (...row) => {
    const answers = meant[row.slice(0, 2).join(" | ")];
    expect(answers).toBeDefined();
    expect(row.slice(2)).toEqual(answers === undefined ? [] : words(compose(answers)));
  });

  it("leaves nothing out: what has no row is refused", () => {
    const composed = every.filter((answers) => isComposed(answers));
    const listed = every.filter(
      ({ overlap, origin, triedAt }) =>
        overlap === "dual" ||
        (overlap === "single" && (origin === "proposed" || triedAt === "issuer")) ||
        (overlap === "accept-first" && origin === "proposed"),
    );
    expect(composed).toEqual(listed);
  });
});

describe("the laws of docs/ARCHITECTURE.md", () => {
  const laws = cells.filter(([law]) => /^E\d+ /.test(law ?? ""));

  it("are E1 to E13, once each", () => {
    expect(laws.map(([law = ""]) => law.split(" ")[0])).toEqual(
      Array.from({ length: 13 }, (_, index) => `E${index + 1}`),
    );
  });

  it.each(laws)("%s: names files and tests that exist", (_law, files, tests) => {
    for (const file of (files ?? "").split(", ")) {
      expect(existsSync(join(root, file.replaceAll("`", ""))), file).toBe(true);
    }
    for (const test of tests === "open" ? [] : (tests ?? "").split("<br>")) {
      const [, path = "", title = ""] = /^`([^`]+)` "(.+)"$/.exec(test) ?? [];
      expect(readFileSync(join(root, path), "utf8"), test).toContain(`"${title}",`);
    }
  });
});

const every: readonly Answers[] = (["dual", "accept-first", "single", "delegated"] as const).flatMap((overlap) =>
  (["proposed", "minted", "handed-in"] as const).flatMap((origin) =>
    (["issuer", "consumer"] as const).map((triedAt) => ({ ...usual, overlap, origin, triedAt })),
  ),
);

function isComposed(answers: Answers): boolean {
  try {
    return compose(answers).steps.length > 0;
  } catch (error) {
    if (error instanceof KeyturnError && error.code === "not_composable") return false;
    throw error;
  }
}

/** Steps, way back and point of no return, as the table writes them. */
function words({ steps, back, pointOfNoReturn = "none" }: Composed): readonly string[] {
  const said = (step: Composed["steps"][number]) =>
    ["announce", "preflight", "grace", "recheck", "watch"].includes(step.kind)
      ? step.kind
      : `${step.kind}(${which(step.slot)}${step.accepted === undefined ? "" : ` in use, ${which(step.accepted)} accepted`})`;
  return [steps.map(said).join(", "), back.length === 0 ? "none" : back.map(said).join(", "), pointOfNoReturn];
}

function which(slot: "current" | "pending"): string {
  return slot === "current" ? "old" : "new";
}
