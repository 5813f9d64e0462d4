import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openStage } from "../test/engine/stage.ts";
import { freshDatabase } from "../test/servers/fresh-database.ts";
import type { Postgres } from "../test/servers/postgres.ts";
import { newFolder } from "../test/servers/run-folder.ts";
import { startCachedApp } from "./cached-app.ts";
import type { Row } from "./table.ts";
import { catalogOf, makePlace, referencesOf, targetOf } from "./target.ts";

const cachesMs = [0, 1_000, 30_000] as const;

/**
 * Rotations of applications that keep the old value for 0, 1 and 30 s after they were told to read it again, side by side;
 * beside them the same change the naive way, so that the counter is seen to count.
 */
export async function refusedLogins(): Promise<readonly Row[]> {
  await using database = await freshDatabase();
  const folder = newFolder("bench");
  const parts = await Promise.all(
    cachesMs.map(async (cacheMs) => {
      const place = await makePlace(database.server, folder);
      const app = await startCachedApp(folder, place, cacheMs);
      const times = { grace: `${String(cacheMs + 1_000)}ms`, idle: "1s", watch: "2s" };
      return { cacheMs, place, app, target: targetOf(place, { ...app, times }) };
    }),
  );
  for (const { place } of parts) await writeFile(join(folder, `${place.tag}-closed`), "");
  const stage = await openStage({
    databaseUrl: database.url,
    folder,
    catalog: catalogOf(parts.map(({ target }) => target)),
    references: referencesOf(parts.map(({ place }) => place)),
    programs: ["/bin", "/usr/bin"],
  });
  const naive = naively(database.server, folder, 1_000);
  const rows = await Promise.all(
    parts.map(async ({ cacheMs, place, app }): Promise<Row> => {
      const { ended, block } = await stage.drive(await stage.approved({ secret: place.tag }));
      if (ended?.status !== "done") throw new Error(`it did not end well: ${JSON.stringify([ended, block])}`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await app.close();
      return {
        what: `refused logins, consumers that cache for ${String(cacheMs / 1_000)} s`,
        measured: `${String(app.counts.refused)} of ${String(app.counts.logins)}${app.counts.errors === 0 ? "" : `, ${String(app.counts.errors)} without an answer`}`,
        floor: "0",
        promise: "0",
        kept: app.counts.refused === 0,
        note: "two instances, ten logins a second each, that read again only when the cache has run out; of one it can be seen what it runs on, of the other only when it was reloaded, so its grace is the cache and 1 s",
      };
    }),
  );
  const cut = await naive;
  await stage.close();
  return [
    ...rows,
    {
      what: "the same at 1 s, password first and file after it (for comparison)",
      measured: `${String(cut.refused)} of ${String(cut.logins)}`,
      floor: "",
    },
  ];
}

/** The password in place, then the file: whoever still has the old value in its cache is refused. */
async function naively(server: Postgres, folder: string, cacheMs: number) {
  const place = await makePlace(server, folder);
  const app = await startCachedApp(folder, place, cacheMs);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const password = randomBytes(16).toString("hex");
  await server.query(`ALTER ROLE ${place.roles[0]} PASSWORD '${password}'`);
  await writeFile(place.envFile, `DATABASE_URL=${server.urlFor({ user: place.roles[0], password })}\n`);
  await new Promise((resolve) => setTimeout(resolve, cacheMs + 1_500));
  await app.close();
  return app.counts;
}
