import { afterAll, beforeAll } from "vitest";
import { rotatorContract } from "../../contract/rotator.ts";
import { missingOf } from "../../servers/need.ts";
import { type Postgres, startPostgres } from "../../servers/postgres.ts";
import { makeWorld } from "./world.ts";

const versions = missingOf(["postgres-15"]).length === 0 ? ([15, 18] as const) : ([18] as const);
const servers: Postgres[] = [];

beforeAll(async () => {
  for (const version of versions) servers.push(await startPostgres({ version }));
});
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

for (const [index, version] of versions.entries()) {
  for (const mode of ["dual", "single"] as const) {
    rotatorContract({
      name: `postgres-role ${mode} on PostgreSQL ${version}`,
      overlap: mode,
      makeWorld: () => makeWorld({ mode, servers: servers.slice(index, index + 1) }),
    });
  }
}

rotatorContract({
  name: "postgres-role dual on several servers at once",
  overlap: "dual",
  makeWorld: () => makeWorld({ mode: "dual", servers }),
  cut: ["issue"],
});
