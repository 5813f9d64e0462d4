import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { startWorld, type World } from "../../sandbox/world/supervisor.ts";
import { type PgBouncer } from "../servers/pgbouncer.ts";
import type { Postgres } from "../servers/postgres.ts";

export type Shop = {
  readonly folder: string;
  readonly envFile: string;
  readonly world: World;
  readonly catalog: string;
  readonly references: Readonly<Record<string, string>>;
  readonly roles: { readonly a: string; readonly b: string };
  readonly firstPassword: string;
  readonly url: () => Promise<string>;
  readonly close: () => Promise<void>;
};

type ShopOptions = {
  readonly server: Postgres;
  readonly mode: "dual" | "single";
  /** Where the rotator reaches the server (a proxy); default: directly. */
  readonly port?: number;
  readonly graceMs?: number;
  readonly watchMs?: number;
  readonly idleMs?: number;
  /** Applications log in through this one, with its auth_file, in which only the first role stands. */
  readonly bouncer?: PgBouncer;
};

/** An application with two instances that log in 25 times a second each, its roles, its `.env`, and a catalog for it. */
export async function openShop(options: ShopOptions): Promise<Shop> {
  const { server, mode, bouncer } = options;
  const tag = randomBytes(3).toString("hex");
  const roles = { a: `shop_${tag}_a`, b: `shop_${tag}_b` };
  const firstPassword = `first-password-${randomBytes(12).toString("hex")}`;
  const admin = { name: `keyturn_${tag}`, password: randomBytes(12).toString("hex") };
  await makeRoles(server, tag, roles, firstPassword, admin, mode);
  const folder = await mkdtemp(join(tmpdir(), "keyturn-shop-"));
  const envFile = join(folder, ".env");
  if (bouncer !== undefined) await admit(server, bouncer, roles.a);
  const url = (bouncer ?? server).urlFor({ user: roles.a, password: firstPassword, database: "postgres" });
  await writeFile(envFile, `# the shop\nDATABASE_URL=${url}\nOTHER=stays # as it is\n`);
  const world = await startWorld({
    kind: "postgres",
    envFile,
    key: "DATABASE_URL",
    logFolder: folder,
    ids: ["one", "two"],
    everyMs: 40,
  });
  return {
    folder,
    envFile,
    world,
    roles,
    firstPassword,
    references: { PG_ADMIN: admin.password, CONSOLE: bouncer?.admin.secret ?? "" },
    catalog: catalogText(options, { tag, roles, envFile, world, admin: admin.name }),
    url: async () => parseEnv(await readFile(envFile, "utf8"))["DATABASE_URL"] ?? "",
    close: async () => {
      await world.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Puts the verifier that the server has into the file, as an administrator does once. */
async function admit(server: Postgres, bouncer: PgBouncer, role: string): Promise<void> {
  const [row] = await server.query("SELECT rolpassword FROM pg_authid WHERE rolname = $1", [role]);
  bouncer.writeUsers([{ name: role, secret: String(row?.["rolpassword"]) }]);
  await bouncer.console("RELOAD");
}

async function makeRoles(
  server: Postgres,
  tag: string,
  roles: Shop["roles"],
  password: string,
  admin: { name: string; password: string },
  mode: "dual" | "single",
): Promise<void> {
  await server.query(`CREATE ROLE ${admin.name} LOGIN CREATEROLE PASSWORD '${admin.password}'`);
  await server.query(`GRANT pg_signal_backend, pg_read_all_stats TO ${admin.name}`);
  await server.query(`CREATE ROLE shop_${tag} NOLOGIN`);
  for (const role of mode === "dual" ? [roles.a, roles.b] : [roles.a]) {
    await server.query(
      `CREATE ROLE ${role} ${role === roles.a ? `LOGIN PASSWORD '${password}'` : "NOLOGIN"} IN ROLE shop_${tag}`,
    );
    await server.query(`ALTER ROLE ${role} SET role TO shop_${tag}`);
    await server.query(`GRANT ${role} TO ${admin.name} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
  }
}

type Parts = {
  readonly tag: string;
  readonly roles: Shop["roles"];
  readonly envFile: string;
  readonly world: World;
  readonly admin: string;
};

function catalogText(
  { server, mode, bouncer, port = server.port, graceMs = 500, watchMs = 1_500, idleMs = 1_000 }: ShopOptions,
  { tag, roles, envFile, world, admin }: Parts,
): string {
  const principals = mode === "dual" ? `roles: [${roles.a}, ${roles.b}], owner: shop_${tag}` : `role: ${roles.a}`;
  const path = bouncer?.port ?? server.port;
  const through = bouncer === undefined ? "" : `, ${throughBouncer(bouncer)}`;
  const instances = world.instances.map(
    ({ id, url, logFile }) => `
          - id: ${id}
            reload: ${JSON.stringify(world.restartCommand(id))}
            sees: { started: ${JSON.stringify(world.startedCommand(id))} }
            ready: { http: "${url}/health" }
            logs: ${logFile}
            addresses: ["127.0.0.1"]
            clients: ["demo-${id}"]`,
  );
  const health = world.instances.map(
    ({ url }) => `
      - { kind: http, url: "${url}/health", expect: { status: 200, json: { "$.components.postgres": healthy } }, settle: 500ms }`,
  );
  return `version: 1
demo: true
policies:
  test:
    channel: "#security-ops"
    requesters: ["@oncall", "@security"]
    approvals: [{ from: "@security", min: 1 }, { from: "@oncall", min: 1 }]
    expires: 30m
    oncall: "@oncall"
    allowSingle: true
targets:
  - secret: postgres
    environment: test
    policy: test
    owner: "@platform"
    rotator: { kind: postgres-role, url: "postgresql://127.0.0.1:${String(port)}/postgres", admin: { username: ${admin}, password: "env:PG_ADMIN" }, ${principals}${through} }
    publish:
      - store: env-file
        file: ${envFile}
        values: { DATABASE_URL: "postgresql://{{username|url}}:{{password|url}}@127.0.0.1:${String(path)}/postgres" }${bouncer === undefined ? "" : userlist(bouncer, roles)}
    consumers:
      - kind: command
        name: shop
        instances: ${instances.join("")}
    checks: ${health.join("")}
      - { kind: logs, of: consumers, pattern: "auth.*error|unauthorized|forbidden", window: 10s, settle: 500ms }
      - { kind: login }
    grace: ${String(graceMs)}ms
    graceMax: 1h
    idle: { for: ${String(idleMs)}ms }
    watch: ${String(watchMs)}ms
    notice: 0s
`;
}

function throughBouncer({ port, admin }: PgBouncer): string {
  const login = `{ username: ${admin.name}, password: "env:CONSOLE" }`;
  return `pgbouncer: { url: "postgresql://127.0.0.1:${String(port)}/postgres", mode: auth_file, console: ${login} }`;
}

function userlist({ authFile }: PgBouncer, { a, b }: Shop["roles"]): string {
  const line = (role: string): string => `${role}: { template: "{{scram}}", only: { username: ${role} } }`;
  return `
      - store: pgbouncer-userlist
        file: ${authFile}
        values: { ${line(a)}, ${line(b)} }`;
}
