import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { nodeRights } from "../../src/rotators/redis-acl/rights.ts";
import { rootOf } from "../rotators/redis-acl/world.ts";
import type { Postgres } from "../servers/postgres.ts";
import type { Redis } from "../servers/redis.ts";
import { type LightApp, startLightApp } from "./light-app.ts";

export type Mode = "dual" | "single" | "two passwords" | "two users";

export type LightShopOptions = {
  readonly server: Postgres | Redis;
  readonly mode: Mode;
  readonly graceMs?: number;
  readonly graceMaxMs?: number;
  readonly watchMs?: number;
  readonly idleMs?: number;
  readonly noticeMs?: number;
  /** Further lines of the policy, of the target, and checks, as YAML. */
  readonly policy?: string;
  readonly checks?: readonly string[];
  /** How far back logs are judged. Default 10s. */
  readonly logWindow?: string;
  /** How long an instance may take to settle. Default 3m. */
  readonly within?: string;
  /** One consumer as YAML, instead of the application. */
  readonly consumers?: string;
  /** A check of a page that the test turns red. */
  readonly switch?: boolean;
  /** false: the store does not hold our key yet. */
  readonly hasValue?: boolean;
};

export type LightShop = {
  readonly folder: string;
  readonly app: LightApp;
  readonly kind: "postgres" | "redis";
  readonly principals: readonly string[];
  readonly firstPassword: string;
  readonly adminPassword: string;
  readonly catalog: string;
  readonly references: Readonly<Record<string, string>>;
  /** What the store holds. */
  readonly url: () => Promise<string>;
  readonly env: () => Promise<string>;
  /** Puts another text into the `.env`, as a person with an editor would. */
  readonly edit: (change: (text: string) => string) => Promise<void>;
  readonly close: () => Promise<void>;
};

const key = "SHOP_URL";
export const ids = ["one", "two"] as const;

/** A small application on a real server, its principals, its `.env`, and a catalog whose times are parts of seconds. */
export async function openLightShop(options: LightShopOptions): Promise<LightShop> {
  const { server, mode } = options;
  const tag = randomBytes(3).toString("hex");
  const firstPassword = `first-password-${randomBytes(12).toString("hex")}`;
  const adminPassword = `admin-password-${randomBytes(12).toString("hex")}`;
  const kind = mode === "dual" || mode === "single" ? "postgres" : "redis";
  const principals = [`shop_${tag}_a`, ...(mode === "dual" || mode === "two users" ? [`shop_${tag}_b`] : [])];
  if ("query" in server) await makeRoles(server, tag, principals, firstPassword, adminPassword);
  else await makeUsers(server, tag, principals, firstPassword, adminPassword);
  const folder = await mkdtemp(join(tmpdir(), "keyturn-light-"));
  const place = `127.0.0.1:${String(server.port)}${kind === "postgres" ? "/postgres" : ""}`;
  const scheme = kind === "postgres" ? "postgresql" : "redis";
  const url = `${scheme}://${principals[0] ?? ""}:${firstPassword}@${place}`;
  const line = options.hasValue === false ? "" : `${key}=${url}\n`;
  const envFile = join(folder, ".env");
  await writeFile(envFile, `# the shop\n${line}OTHER=stays # as it is\n`);
  const app = await startLightApp({ kind, folder, key, ids });
  const rotator =
    kind === "postgres"
      ? `{ kind: postgres-role, url: "postgresql://${place}", admin: { username: keyturn_${tag}, password: "env:ADMIN" }, ${mode === "dual" ? `roles: [${principals.join(", ")}], owner: shop_${tag}` : `role: ${principals[0] ?? ""}`} }`
      : `{ kind: redis-acl, url: "redis://${place}", admin: { username: keyturn_${tag}, password: "env:ADMIN" }, ${mode === "two users" ? `users: [${principals.join(", ")}]` : `user: ${principals[0] ?? ""}`} }`;
  const template = `${scheme}://{{username|url}}:{{password|url}}@${place}`;
  return {
    folder,
    app,
    kind,
    principals,
    firstPassword,
    adminPassword,
    references: { ADMIN: adminPassword },
    catalog: catalogText(options, { folder, envFile, rotator, template, app, kind }),
    url: async () => parseEnv(await readFile(envFile, "utf8"))[key] ?? "",
    env: () => readFile(envFile, "utf8"),
    edit: async (change) => writeFile(envFile, change(await readFile(envFile, "utf8"))),
    close: async () => {
      app.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An owner, two login roles (or one) of which the first is in use, and an administrator with the documented rights. */
export async function makeRoles(
  server: Postgres,
  tag: string,
  roles: readonly string[],
  password: string,
  adminPassword: string,
): Promise<void> {
  await server.query(`CREATE ROLE keyturn_${tag} LOGIN CREATEROLE PASSWORD '${adminPassword}'`);
  await server.query(`GRANT pg_signal_backend, pg_read_all_stats TO keyturn_${tag}`);
  await server.query(`CREATE ROLE shop_${tag} NOLOGIN`);
  for (const [index, role] of roles.entries()) {
    await server.query(
      `CREATE ROLE ${role} ${index === 0 ? `LOGIN PASSWORD '${password}'` : "NOLOGIN"} IN ROLE shop_${tag}`,
    );
    await server.query(`ALTER ROLE ${role} SET role TO shop_${tag}`);
    await server.query(`GRANT ${role} TO keyturn_${tag} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
  }
}

/** ACL users of which the first is in use, and an administrator with the documented rights. */
export async function makeUsers(
  server: Redis,
  tag: string,
  users: readonly string[],
  password: string,
  adminPassword: string,
): Promise<void> {
  const root = rootOf(server);
  await root.call(
    "ACL",
    "SETUSER",
    `keyturn_${tag}`,
    "on",
    `>${adminPassword}`,
    "resetchannels",
    "-@all",
    ...nodeRights,
  );
  for (const user of users) await root.call("ACL", "SETUSER", user, "resetpass", "~*", "&*", "+@all", "-@dangerous");
  await root.call("ACL", "SETUSER", users[0] ?? "", "on", `>${password}`);
  root.disconnect();
}

type Parts = {
  readonly folder: string;
  readonly envFile: string;
  readonly rotator: string;
  readonly template: string;
  readonly app: LightApp;
  readonly kind: string;
};

function catalogText(options: LightShopOptions, parts: Parts): string {
  const { graceMs = 300, graceMaxMs = 3_600_000, watchMs = 1_000, idleMs = 1_000, noticeMs = 0 } = options;
  const { folder, envFile, rotator, template, app, kind } = parts;
  const health = (id: string) => `http://127.0.0.1:${String(app.port)}/${id}/health`;
  const instances = ids.map(
    (id) => `
          { id: ${id}, addresses: ["127.0.0.1"], logs: ${folder}/${id}.log,
            reload: [/usr/bin/touch, "${folder}/${id}.reload"],
            sees: { started: [/usr/bin/cat, "${folder}/${id}.started"] } }`,
  );
  const checks = options.checks ?? [
    ...ids.map((id) => `{ kind: http, url: "${health(id)}", expect: { status: 200 }, settle: 200ms }`),
    `{ kind: logs, of: consumers, pattern: "auth.*error", window: ${options.logWindow ?? "10s"}, settle: 200ms }`,
    "{ kind: login }",
    ...(options.switch === true
      ? [`{ kind: http, url: "http://127.0.0.1:${String(app.port)}/switch", expect: { status: 200 }, settle: 200ms }`]
      : []),
  ];
  return `version: 1
demo: true
policies:
  test:
    channel: "#security-ops"
    requesters: ["@oncall", "@security"]
    approvals: [{ from: "@security", min: 1 }, { from: "@oncall", min: 1, else: "@leads" }]
    oncall: "@oncall"
    allowSingle: true
    ${options.policy ?? ""}
targets:
  - secret: ${kind}
    environment: test
    policy: test
    owner: "@platform"
    rotator: ${rotator}
    publish:
      - store: env-file
        file: ${envFile}
        values: { ${key}: "${template}" }
    consumers:
      - ${options.consumers ?? `{ kind: command, name: shop, within: ${options.within ?? "3m"}, instances: [${instances.join(",")}] }`}
    checks: ${checks.length === 0 ? "[]" : checks.map((check) => `\n      - ${check}`).join("")}
    grace: ${String(graceMs)}ms
    graceMax: ${String(graceMaxMs)}ms
    idle: { for: ${String(idleMs)}ms }
    watch: ${String(watchMs)}ms
    notice: ${String(noticeMs)}ms
`;
}
