import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { follow } from "./follow.ts";
import { type Lane, openLane, type WireMode } from "./lane.ts";
import { endLease, press, untilEnded, untilEvent } from "./people.ts";

/** Commands that change something at an issuer. */
const changing = /^(ALTER|COMMENT|COMMIT|ACL (SETUSER|SAVE|DELUSER)|CONFIG (SET|REWRITE)|CLIENT KILL)/;

type Stop = {
  readonly mode: WireMode;
  /** The last moment before the effect, when its intent is durable and its lease was found good. */
  readonly at: string;
  /** The step during which a person asked before, for a stop on the way back. */
  readonly backAt?: string;
  readonly ends: "done" | "rolled_back";
};

const stops: readonly Stop[] = [
  { mode: "postgres-role dual", at: "store guarded @ publish", ends: "rolled_back" },
  { mode: "postgres-role dual", at: "issuer guarded @ disable", ends: "rolled_back" },
  { mode: "redis-acl two users", at: "issuer guarded @ disable", ends: "rolled_back" },
  { mode: "postgres-role dual", at: "issuer guarded @ revoke", ends: "done" },
  { mode: "redis-acl two passwords", at: "issuer guarded @ revoke", ends: "done" },
  { mode: "postgres-role dual", at: "issuer guarded @ back-revoke", backAt: "watch", ends: "rolled_back" },
];

describe("a worker that is stopped between the append and the call, and goes on late", { timeout: 240_000 }, () => {
  const lanes = new Map<WireMode, Lane>();

  afterAll(async () => {
    for (const lane of lanes.values()) await lane.close();
  });

  for (const { mode, at, backAt, ends } of stops) {
    it(`has no command accepted and no file changed: ${mode}, ${at}`, async () => {
      const lane = lanes.get(mode) ?? (await openLane({ mode, queue: "PostgreSQL" }));
      lanes.set(mode, lane);
      const refusedBefore = await lane.app.refused();
      const urlBefore = await lane.url();

      const id = await lane.stage.approved();
      const late = follow(lane, [at]);
      if (backAt !== undefined) {
        await late.says(`after append step_started ${backAt}`);
        await press(lane, id, "roll-back");
      }
      await late.says(at);
      await late.child.stopped();
      await endLease(lane, id);
      if (backAt === undefined) await press(lane, id, "roll-back").catch(() => undefined);
      const next = follow(lane);
      await untilEnded(lane, id);
      await next.child.kill();
      const [file, issuer] = [await readFile(lane.envFile, "utf8"), await lane.target.look()];
      const journal = await lane.stage.state.load(id);

      lane.proxy.reset();
      const advanced = late.says(/^advanced /);
      late.child.goOn();
      await advanced;

      expect(lane.proxy.commands().filter(({ text, accepted }) => changing.test(text) && accepted === true)).toEqual(
        [],
      );
      expect(await readFile(lane.envFile, "utf8")).toBe(file);
      expect(await lane.target.look()).toEqual(issuer);
      expect(await lane.stage.state.load(id)).toEqual(journal);
      expect(journal.at(-1)?.event).toMatchObject({ type: "ended", status: ends });
      expect(issuer).toMatchObject({ live: [new URL(await lane.url()).username], passwords: 1 });
      expect((await lane.url()) === urlBefore).toBe(ends === "rolled_back");
      expect((await lane.app.refused()) - refusedBefore).toBe(0);
      await late.child.kill();
    });
  }

  it("refuses the rollback once the revoke was intended, and says why", async () => {
    const lane =
      lanes.get("postgres-role dual") ?? (await openLane({ mode: "postgres-role dual", queue: "PostgreSQL" }));
    lanes.set("postgres-role dual", lane);
    const id = await lane.stage.approved();
    const first = follow(lane, ["issuer guarded @ revoke"]);
    await first.says("issuer guarded @ revoke");
    await first.child.kill();
    await lane.stage.state.addCommand(
      { rotationId: id, verb: "roll-back", actor: { kind: "slack", id: "U-lin", team: "T1" }, detail: "" },
      "late",
      { actor: { kind: "slack", id: "U-lin", team: "T1" }, verb: "roll-back", rotationId: id, detail: "" },
    );
    const next = follow(lane);
    await untilEvent(lane, id, (event) => event.type === "refused" && event.reason.code === "no_way_back");
    await untilEnded(lane, id);
    await next.child.kill();
    expect((await lane.stage.rotation(id)).ended?.status).toBe("done");
  });
});
