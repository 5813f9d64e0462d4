import { describe, expect, it } from "vitest";
import { TryLater } from "../../src/core/errors.ts";
import { openState } from "../../src/state/open-state.ts";
import { eventually } from "../contract/eventually.ts";
import { created, entry, held } from "../contract/state-samples.ts";
import { freePort } from "../servers/port.ts";
import { startPostgres } from "../servers/postgres.ts";
import { startWireProxy } from "../servers/wire-proxy.ts";
import { keptLog, sealKeys } from "./world.ts";

describe("a database that is away", () => {
  it("is TryLater at the start and in the middle, and all goes on when it is back", async () => {
    const nowhere = { connectionString: `postgresql://x:y@127.0.0.1:${await freePort()}/x` };
    await expect(openState({ connection: nowhere, sealKeys, log: keptLog() })).rejects.toMatchObject({
      name: "TryLater",
      code: "database_unreachable",
    });
    await using server = await startPostgres({ version: 18 });
    const state = await openState({ connection: { connectionString: server.url }, sealKeys, log: keptLog() });
    const id = await created(state);
    const lease = await held(state, id);
    await server.kill();
    await expect(state.load(id)).rejects.toBeInstanceOf(TryLater);
    await expect(state.audit(entry(id))).rejects.toMatchObject({ code: "database_unreachable" });
    await expect(state.release(lease)).resolves.toBeUndefined();
    await server.restart();
    expect(await state.load(id)).toHaveLength(1);
    await state.close();
  });

  it("is TryLater when a connection breaks while it is in use, and nothing else happens", async () => {
    await using server = await startPostgres({ version: 18 });
    await using proxy = await startWireProxy({ protocol: "postgres", port: server.port });
    const url = server.url.replace(`:${server.port}/`, `:${proxy.port}/`);
    const state = await openState({ connection: { connectionString: url }, sealKeys, log: keptLog() });
    const id = await created(state);
    const lease = await held(state, id);
    for (const when of ["drop", "drop-reply"] as const) {
      const unhook = proxy.onCommand(({ text }) =>
        /^(insert into "keyturn"."events"|commit)/i.test(text) ? when : undefined,
      );
      const lost = {
        events: [{ type: "resumed", by: { kind: "engine", id: "keyturn" } } as const],
        headline: headlineOf(id),
      };
      await expect(state.append(lease, 1, lost)).rejects.toMatchObject({ code: "database_unreachable" });
      unhook();
    }
    expect(await state.load(id)).toHaveLength(1);
    await state.close();
  });

  it("is TryLater when it does not answer in time for a lock", async () => {
    await using server = await startPostgres({ version: 18 });
    const state = await openState({ connection: { connectionString: server.url }, sealKeys, log: keptLog() });
    const id = await created(state);
    const lease = await held(state, id);
    const locked = server.query(
      `BEGIN; SELECT id FROM keyturn.rotations WHERE id = '${id}' FOR UPDATE; SELECT pg_sleep(7); COMMIT`,
    );
    await eventually(() => asleep(server)).toBe(1);
    await expect(state.append(lease, 1, { events: [], headline: headlineOf(id) })).rejects.toMatchObject({
      code: "database_busy",
    });
    await locked;
    await state.close();
  });
});

async function asleep(server: Awaited<ReturnType<typeof startPostgres>>): Promise<number> {
  return (await server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).length;
}

function headlineOf(id: string) {
  return {
    id,
    secret: "redis",
    environment: "prod",
    status: "running",
    line: "",
    openedAt: "2026-11-21T09:00:00.000Z",
    dueAt: undefined,
  } as const;
}
