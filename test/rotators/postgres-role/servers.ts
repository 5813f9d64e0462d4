import { afterAll, beforeAll, describe } from "vitest";
import { missingOf } from "../../servers/need.ts";
import { type Postgres, type PostgresOptions, startPostgres } from "../../servers/postgres.ts";

/** Runs the body once for each PostgreSQL that this machine has, on a server of its own. In CI a missing one fails. */
export function onEachPostgres(
  title: string,
  options: Omit<PostgresOptions, "version">,
  body: (server: () => Postgres) => void,
): void {
  for (const version of [15, 18] as const) {
    const missing = version === 15 ? missingOf(["postgres-15"]) : [];
    if (missing.length > 0 && process.env["CI"] !== undefined) throw new Error(`CI must have ${missing.join()}`);
    describe.skipIf(missing.length > 0)(`${title}, PostgreSQL ${version}`, () => {
      let server: Postgres | undefined;
      beforeAll(async () => {
        server = await startPostgres({ ...options, version });
      });
      afterAll(() => server?.[Symbol.asyncDispose]());
      body(() => {
        if (server === undefined) throw new Error("the server has not started");
        return server;
      });
    });
  }
}
