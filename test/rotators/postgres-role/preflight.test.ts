import { expect, it } from "vitest";
import type { Finding } from "../../../src/core/ports.ts";
import { inWorld } from "../../contract/rotator-world.ts";
import type { Postgres } from "../../servers/postgres.ts";
import { onEachPostgres } from "./servers.ts";
import { makeWorld } from "./world.ts";

type World = Awaited<ReturnType<typeof makeWorld>>;

onEachPostgres("the preflight of postgres-role", {}, (server) => {
  it("says nothing about a sound target", async () => {
    const { findings } = await preflightAfter(server(), async () => undefined);
    expect(findings).toEqual([]);
  });

  const broken: readonly (readonly [string, (names: World["names"]) => string])[] = [
    ["no_createrole", ({ admin }) => `ALTER ROLE ${admin} NOCREATEROLE`],
    ["no_signal_backend", ({ admin }) => `REVOKE pg_signal_backend FROM ${admin}`],
    ["no_read_all_stats", ({ admin }) => `REVOKE pg_read_all_stats FROM ${admin}`],
    ["not_a_member", ({ owner, b }) => `REVOKE ${owner} FROM ${b}`],
    ["not_acting_as_owner", ({ a }) => `ALTER ROLE ${a} RESET role`],
    ["role_is_superuser", ({ b }) => `ALTER ROLE ${b} SUPERUSER`],
    ["role_missing", ({ b }) => `DROP ROLE ${b}`],
    ["other_role_can_log_in", ({ b }) => `ALTER ROLE ${b} LOGIN`],
    ["owner_can_log_in", ({ owner }) => `ALTER ROLE ${owner} LOGIN`],
    ["owns_objects", ({ a }) => `CREATE TABLE mine_${a} (n int); ALTER TABLE mine_${a} OWNER TO ${a}`],
  ];

  it.each(broken)("finds %s, and running its command as the superuser mends it", async (code, breaking) => {
    const { findings, after } = await preflightAfter(
      server(),
      (names) => server().query(breaking(names)),
      async (found) => {
        for (const { command } of found) if (command !== undefined) await server().query(command);
        if (code === "role_missing") await server().query(adminOptions(found));
      },
    );

    expect(findings.map((finding) => finding.code)).toContain(code);
    expect(after.filter((finding) => finding.code === code)).toEqual([]);
  });

  it("names the GRANT that PostgreSQL 16 and later ask for", async () => {
    if (server().version < 16) return;
    const { findings, names } = await preflightAfter(server(), ({ a, admin }) =>
      server().query(`REVOKE ${a} FROM ${admin}`),
    );

    expect(findings).toMatchObject([
      {
        severity: "error",
        code: "no_admin_option",
        command: `GRANT "${names.a}" TO "${names.admin}" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`,
      },
    ]);
  });

  it("refuses an other role that somebody uses", () =>
    inWorld(
      () => makeWorld({ mode: "dual", servers: [server()] }),
      async (world, issuer, run) => {
        const names = namesOf(world.bound.shape.principals);
        await server().query(`ALTER ROLE ${names.b} LOGIN PASSWORD 'given-by-hand'`);
        const { Client } = await import("pg");
        const somebody = new Client({
          connectionString: server().urlFor({ user: names.b, password: "given-by-hand" }),
        });
        somebody.on("error", () => undefined);
        await somebody.connect();

        const findings = await issuer.preflight(run.current);

        expect(findings).toMatchObject([{ severity: "error", code: "other_role_busy" }]);
        await somebody.end();
      },
    ));
});

/** Names of the roles out of the lock names of a target. */
function namesOf(principals: readonly string[]): { readonly a: string; readonly b: string } {
  const [a = "", b = ""] = principals.map((principal) => principal.split(" ").at(-1) ?? "");
  return { a, b };
}

/** A role that was made by hand needs the ADMIN option too, which the next preflight says. */
function adminOptions(findings: readonly Finding[]): string {
  expect(findings.find(({ code }) => code === "role_missing")?.command).toContain("NOLOGIN");
  return "SELECT 1";
}

async function preflightAfter(
  server: Postgres,
  breaking: (names: World["names"]) => Promise<unknown>,
  mend: (findings: readonly Finding[]) => Promise<void> = async () => undefined,
): Promise<{
  readonly findings: readonly Finding[];
  readonly after: readonly Finding[];
  readonly names: World["names"];
}> {
  const world = await makeWorld({ mode: "dual", servers: [server] });
  let result = { findings: [] as readonly Finding[], after: [] as readonly Finding[], names: world.names };
  await inWorld(
    async () => world,
    async (_world, issuer, run) => {
      await breaking(world.names);
      const findings = await issuer.preflight(run.current);
      await mend(findings);
      result = { findings, after: await issuer.preflight(run.current), names: world.names };
    },
  );
  return result;
}
