import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { openControl } from "../../sandbox/world/control.ts";
import { noteStart } from "../../sandbox/world/started.ts";
import type { Account } from "../crash/account.ts";
import { catalogText } from "../crash/application-lane.ts";
import { openHttpApi } from "../crash/http-api-account.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { openStage, type Stage } from "./stage.ts";

const ada = { kind: "slack", id: "U-ada", team: "T1" } as const;

describe("an administration API that answers a change with 400", { timeout: 120_000 }, () => {
  it("changed nothing: it goes back by itself, the store holds the old password, and no login was refused", async () => {
    await using world = await openRefusing("refuses");
    const { stage, account } = world;
    const old = await world.published();
    const id = await stage.approved();
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect(rotation.turnedBack).toMatchObject({ by: { kind: "engine" }, reason: { code: "value_refused" } });
    expect(rotation.steps["back-issue"]?.sentence).toBe("nothing was cut: the old credential still works");
    expect(await world.published()).toBe(old);
    expect([await account.accepts(old), await account.refused()]).toEqual([true, 0]);
    expect(world.sets()).toBe(1);
  });

  it("a worker that is gone when it was refused does not ask again: the next one looks, and goes back", async () => {
    await using world = await openRefusing("refuses", { deadWithin: "2s" });
    const { stage } = world;
    const old = await world.published();
    const id = await stage.approved();
    const refused = await stage.drive(id, ({ steps }) => steps["issue"]?.notes["refused"] !== undefined);
    expect(refused.steps["issue"]).toMatchObject({ status: "started" });
    expect(await world.published()).not.toBe(old);
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "rolled_back" });
    expect([await world.published(), world.sets()]).toEqual([old, 1]);
  });

  it("did it all the same: a person is asked, who sees that the new one works, and goes on", async () => {
    await using world = await openRefusing("denies");
    const { stage, account } = world;
    const old = await world.published();
    const id = await stage.approved();
    const blocked = await stage.drive(id);
    expect(blocked.block?.reason.sentence).toMatch(
      /; after that refusal the old credential was refused, the new one accepted$/,
    );
    expect(blocked.direction).toBe("forward");
    await stage.desk.press({ rotationId: id, asker: ada, verb: "look-again", detail: "", onceKey: "again" });
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "done" });
    expect([await account.accepts(old), await account.accepts(await world.published())]).toEqual([false, true]);
  });

  it("a reply that is lost says nothing: it is asked again, and nobody goes back", async () => {
    await using world = await openRefusing(undefined);
    const { stage, account } = world;
    const dropped = account.proxy.onReply(({ text }) => (text.startsWith("PUT ") ? "drop" : "forward"));
    const id = await stage.approved();
    const unknown = await stage.drive(id, ({ steps }) => steps["issue"]?.notes["trouble"] !== undefined);
    expect([unknown.direction, unknown.steps["issue"]?.status]).toEqual(["forward", "started"]);
    dropped();
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "done" });
    expect(world.sets()).toBe(1);
  });
});

type World = AsyncDisposable & {
  readonly stage: Stage;
  readonly account: Account;
  readonly published: () => Promise<string>;
  /** How often the API was asked to change a password. */
  readonly sets: () => number;
};

async function openRefusing(
  set: "refuses" | "denies" | undefined,
  rotator: object = { deadWithin: "300ms", usableWithin: "300ms" },
): Promise<World> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await freshDatabase());
  const folder = await mkdtemp(join(tmpdir(), "keyturn-refused-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const account = await openHttpApi(folder, { rotator, ...(set === undefined ? {} : { set }) });
  starting.defer(() => account.close());
  for (const { id } of account.application.instances) await noteStart(folder, id, new Date().toISOString());
  const door = await openControl(async (id) => {
    const at = await account.application.restart(id);
    await noteStart(folder, id, at);
    return at;
  });
  starting.defer(() => door.close());
  const stage = await openStage({
    databaseUrl: database.url,
    folder,
    catalog: catalogText(account, door, folder),
    references: account.references,
  });
  starting.defer(() => stage.close());
  const open = starting.move();
  return {
    stage,
    account,
    published: async () => parseEnv(await readFile(account.envFile, "utf8"))[account.variable] ?? "",
    sets: () => account.proxy.requests().filter(({ text }) => text.startsWith("PUT ")).length,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
