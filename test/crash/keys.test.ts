import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freshDatabase } from "../servers/fresh-database.ts";
import { inLanes, keyCells, name, type Recorded, record, runCell, spread } from "./cells.ts";
import type { AnyLane, Mode } from "./lane.ts";
import { leaked } from "./leak-search.ts";
import { atTheApplication, leanly } from "./points.ts";
import { acceptedAtPortal } from "./portal-invariant.ts";

const sideBySide = 3;
const killsPerRotation = 14;
/** Each mode with one queue; `npm run crash` has both. */
const used = [
  "signing-key all-out, PostgreSQL queue",
  "shared-key previous, Redis queue",
  "handed-in-key dual, PostgreSQL queue",
];

describe("a worker that is killed anywhere, where applications know a key", () => {
  it("leaves a rotation that ends the same: all-out, with a second variable, and with a person at a portal", async () => {
    const mine = keyCells.filter((cell) => used.some((start) => name(cell).startsWith(start)));
    const lanes = mine.filter(({ direction }) => direction === "forward");
    const given: string[] = [];
    const results = await inLanes(lanes, sideBySide, async (lane) => {
      const known = lean(lane, await record(lane));
      const cells = mine.filter(({ mode }) => mode === lane.mode);
      const points = spread(new Map<Mode, Recorded>([[lane.mode, known]]), cells);
      const done = [];
      for (const cell of cells) {
        const ours = points.get(cell) ?? [];
        given.push(...ours);
        const work = { cell, points: ours, perRotation: killsPerRotation, hurry: true };
        const result = await runCell(lane, known, work);
        const { kills } = result;
        process.stderr.write(`${name(cell)}: ${JSON.stringify({ ...result, cell: "", kills: kills.length })}\n`);
        done.push(result);
      }
      if (lane.mode === "handed-in-key dual") expect(peopleIn(known)).toEqual(["collect", "confirm", "back-confirm"]);
      if (lane.invariant !== undefined) expect(lane.invariant.looks()).toBeGreaterThan(100);
      return done;
    });
    const all = results.flat();
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
    expect(all.map(({ cell, ended }) => [name(cell), ended])).toEqual(
      all.map(({ cell, rotations }) => [name(cell), rotations]),
    );
    expect(all).toHaveLength(mine.length);
    expect(given.length).toBeGreaterThan(70);
    // Points that depend on the moment (a poll more or less) may not come up a second time.
    expect(all.flatMap(({ kills }) => kills).length).toBeGreaterThan(given.length * 0.9);
  }, 1_500_000);
});

/**
 * What lanes of the same overlap in matrix.test.ts do not have: the appends of a person's steps. Where they have every publish and every
 * restart of accept-first too, every second one is enough.
 */
function lean({ mode }: AnyLane, { forward, rollback }: Recorded): Recorded {
  const some = (points: readonly string[]): readonly string[] => {
    const here = leanly(points.filter((point) => atTheApplication(point) || ofAPerson.test(point)));
    const changes = here.filter((point) => isChange.test(point));
    const left = changes.filter((_point, index) => index % 4 === 1 || index % 4 === 2);
    return mode === "shared-key previous" ? here.filter((point) => !left.includes(point)) : here;
  };
  return {
    forward: { ...forward, points: some(forward.points) },
    rollback: { ...rollback, points: some(rollback.points) },
  };
}
const ofAPerson = /append .*(collect|confirm|proposed)/;
const isChange = /^(before|after) (publish|reload)/;

/** Steps in which a person acted, in both directions. */
function peopleIn({ forward, rollback }: Recorded): readonly string[] {
  const done = [...forward.rotated.journal, ...rollback.rotated.journal].flatMap(({ event }) =>
    event.type === "step_done" ? [event.step] : [],
  );
  return [...new Set(done)].filter((step) => /^(back-)?(collect|confirm)$/.test(step));
}

describe("what a lane with a portal is judged by", () => {
  it("finds what was handed in wherever it lies: in a table in base64, in a file, in what a worker says", async () => {
    await using database = await freshDatabase();
    const folder = await mkdtemp(join(tmpdir(), "keyturn-crash-"));
    try {
      const file = join(folder, ".env");
      const [old, used] = ["0123456789abcdef-old", "0123456789abcdef-used"];
      await writeFile(file, `PORTAL_SECRET=${used}\n`);
      await database.query("CREATE TABLE kept (text text)");
      const search = { secrets: [old, used], known: "key-1", database, folder, published: { file, secret: used } };
      expect(await leaked({ ...search, said: [] })).toEqual([
        "the search for what was handed in does not find what is there",
      ]);
      await database.query("INSERT INTO kept VALUES ('key-1')");
      expect(await leaked({ ...search, said: ["before publish"] })).toEqual([]);

      await database.query("INSERT INTO kept VALUES ($1)", [Buffer.from(old).toString("base64")]);
      await writeFile(join(folder, "worker.log"), `trying ${used}\n`);
      await writeFile(file, `PORTAL_SECRET=${used}\n# ${old}\n`);
      const found = await leaked({ ...search, said: [`before ${old}`] });
      expect(found.toSorted()).toEqual([
        "a worker said what was handed in",
        "the file .env holds what was handed in",
        "the file worker.log holds what was handed in",
        "the table public.kept holds what was handed in",
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("sees at once that the portal does not know what an instance runs on, or what is published", async () => {
    const pairs = new Map([["a", "1"]]);
    const shop = { pairs: () => [["one", { key: "a", secret: "other" }] as const] };
    const invariant = acceptedAtPortal(pairs, shop, () => Promise.resolve("PORTAL_KEY=b\nPORTAL_SECRET=1\n"));
    await invariant.look("here");
    expect(invariant.broken()).toEqual([
      'at "here" the store holds b, which the portal does not know',
      'at "here" one holds a, which the portal does not know',
    ]);
  });
});
