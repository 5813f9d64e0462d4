import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Postgres } from "../test/servers/postgres.ts";

/** What a rotation changes: two login roles over an owner, an administrator, and a file that holds the first role's URL. */
export type Place = {
  readonly tag: string;
  readonly roles: readonly [string, string];
  readonly owner: string;
  readonly admin: { readonly name: string; readonly password: string };
  readonly envFile: string;
  readonly port: number;
};

/** Makes the roles on the server and the file in the folder. */
export async function makePlace(server: Postgres, folder: string): Promise<Place> {
  const tag = randomBytes(4).toString("hex");
  const [a, b] = [`app_${tag}_a`, `app_${tag}_b`];
  const owner = `app_${tag}`;
  const admin = { name: `keyturn_${tag}`, password: randomBytes(16).toString("hex") };
  const first = randomBytes(16).toString("hex");
  await server.query(
    [
      `CREATE ROLE ${admin.name} LOGIN CREATEROLE PASSWORD '${admin.password}'`,
      `GRANT pg_signal_backend, pg_read_all_stats TO ${admin.name}`,
      `CREATE ROLE ${owner} NOLOGIN`,
      `CREATE ROLE ${a} LOGIN PASSWORD '${first}' IN ROLE ${owner}`,
      `CREATE ROLE ${b} NOLOGIN IN ROLE ${owner}`,
      ...[a, b].map((role) => `ALTER ROLE ${role} SET role TO ${owner}`),
      `GRANT ${a}, ${b} TO ${admin.name} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`,
    ].join("; "),
  );
  const envFile = join(folder, `${tag}.env`);
  await writeFile(
    envFile,
    `# an application\nDATABASE_URL=${server.urlFor({ user: a, password: first })}\nOTHER=stays # as it is\n`,
  );
  return { tag, roles: [a, b], owner, admin, envFile, port: server.port };
}

export type Times = { readonly grace: string; readonly idle: string; readonly watch: string };

/** No grace, and the shortest waits that a catalog may have. */
export const noWaits: Times = { grace: "0ms", idle: "1s", watch: "1s" };

/** One target of a catalog. `port`: where the rotator reaches the server, a proxy for instance. */
export function targetOf(
  place: Place,
  parts: {
    readonly port?: number;
    readonly consumers: readonly unknown[];
    readonly checks: readonly unknown[];
    readonly times: Times;
  },
): unknown {
  return {
    secret: place.tag,
    environment: "bench",
    policy: "bench",
    owner: "@platform",
    rotator: {
      kind: "postgres-role",
      url: `postgresql://127.0.0.1:${String(parts.port ?? place.port)}/postgres`,
      admin: { username: place.admin.name, password: `env:${passwordName(place)}` },
      roles: place.roles,
      owner: place.owner,
    },
    publish: [
      {
        store: "env-file",
        file: place.envFile,
        values: {
          DATABASE_URL: `postgresql://{{username|url}}:{{password|url}}@127.0.0.1:${String(place.port)}/postgres`,
        },
      },
    ],
    consumers: parts.consumers,
    checks: parts.checks,
    grace: parts.times.grace,
    graceMax: "72h",
    idle: { for: parts.times.idle },
    watch: parts.times.watch,
    notice: "0s",
  };
}

/** SQL that makes the two roles again what they are now, passwords and marks included; equal texts are equal roles. */
export async function rolesAsTheyAre(server: Postgres, { roles }: Place): Promise<string> {
  const rows = await server.query(
    `SELECT string_agg(format('ALTER ROLE %I %s PASSWORD %L; COMMENT ON ROLE %I IS %L', rolname,
       CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END, rolpassword, rolname, shobj_description(oid, 'pg_authid')), '; ' ORDER BY rolname) AS sql
     FROM pg_authid WHERE rolname = ANY($1)`,
    [roles],
  );
  return String(rows[0]?.["sql"]);
}

/** A whole catalog; JSON is YAML too. */
export function catalogOf(targets: readonly unknown[]): string {
  const policy = {
    channel: "#security-ops",
    requesters: ["@oncall", "@security"],
    approvals: [
      { from: "@security", min: 1 },
      { from: "@oncall", min: 1 },
    ],
    expires: "30m",
    oncall: "@oncall",
  };
  return JSON.stringify({ version: 1, demo: true, policies: { bench: policy }, targets }, undefined, 1);
}

/** The name under which the administrator's password is referenced, and what stands behind it. */
export function referencesOf(places: readonly Place[]): Readonly<Record<string, string>> {
  return Object.fromEntries(places.map((place) => [passwordName(place), place.admin.password]));
}

function passwordName({ tag }: Place): string {
  return `ADMIN_${tag.toUpperCase()}`;
}
