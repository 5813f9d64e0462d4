import { z } from "zod";

const reference = z
  .string()
  .regex(
    /^(env|file):.+/,
    "expected a reference such as env:PG_ADMIN or file:/run/secrets/pg-admin, never the value itself",
  );
const roleName = z
  .string()
  .min(1)
  .refine(
    (name) => Buffer.byteLength(name) <= 63 && !name.includes("\0"),
    "PostgreSQL role names have at most 63 bytes",
  );

/** Where a server listens, and which database applications connect to. */
export const Address = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const problem = problemOf(url);
  if (url === undefined || problem !== undefined) {
    context.addIssue({ code: "custom", message: problem ?? "expected postgresql://host:port/database" });
    return z.NEVER;
  }
  const port = url.port === "" ? 5432 : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port, database: decodeURIComponent(url.pathname.slice(1)), label: `${url.hostname}:${port}` };
});
export type Address = z.infer<typeof Address>;

/** `off`: plain text. Default: off for loopback hosts, else the server's certificate is verified with the system's authorities. */
const tls = z.union([
  z.literal("off"),
  z.strictObject({ ca: reference.optional(), serverName: z.string().min(1).optional() }),
]);

const login = z.strictObject({ username: roleName, password: reference });

/**
 * The `rotator:` entry. Exactly one of `url` and `servers`; exactly one of `roles` (two that alternate, no cut) and `role`
 * (one, cut). `log` reads refused logins out of the server's jsonlog.
 */
export const PostgresRoleConfig = z
  .strictObject({
    kind: z.literal("postgres-role"),
    url: Address.optional(),
    servers: z.array(Address).min(1).optional(),
    admin: login.extend({ database: z.string().min(1).optional() }),
    roles: z.tuple([roleName, roleName]).optional(),
    role: roleName.optional(),
    owner: roleName.optional(),
    tls: tls.optional(),
    log: z.boolean().default(false),
    passwordLength: z.int().min(20).max(128).default(32),
    pgbouncer: z
      .strictObject({
        url: Address,
        mode: z.enum(["auth_query", "auth_file"]),
        console: login.optional(),
      })
      .optional(),
  })
  .superRefine((entry, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    if ((entry.url === undefined) === (entry.servers === undefined)) issue("url", "give either url or servers");
    if ((entry.roles === undefined) === (entry.role === undefined))
      issue("roles", "give either roles (two, no cut) or role (one, cut)");
    if (entry.roles !== undefined && entry.roles[0] === entry.roles[1]) issue("roles", "the two roles must differ");
    const names = [...(entry.roles ?? []), ...(entry.role === undefined ? [] : [entry.role])];
    if (entry.owner !== undefined && names.includes(entry.owner))
      issue("owner", "the owner must be a role of its own that nobody logs in with");
    if (names.includes(entry.admin.username)) issue("admin", "the admin must not be a role that is rotated");
  });
export type PostgresRoleConfig = z.infer<typeof PostgresRoleConfig>;

/** All servers; each of them must accept the credential. */
export function serversOf(config: PostgresRoleConfig): readonly Address[] {
  return config.servers ?? (config.url === undefined ? [] : [config.url]);
}

/** The role names that a rotation of this target may touch. */
export function rolesOf(config: PostgresRoleConfig): readonly string[] {
  return config.roles ?? (config.role === undefined ? [] : [config.role]);
}

function problemOf(url: URL | undefined): string | undefined {
  if (url === undefined || !["postgresql:", "postgres:"].includes(url.protocol) || url.hostname === "") {
    return "expected postgresql://host:port/database";
  }
  if (url.username !== "" || url.password !== "")
    return "no user or password in the url: they stand in admin and in the store";
  if (url.search !== "" || url.hash !== "") return "no options in the url: use tls";
  if (url.pathname.length < 2) return "name the database that applications connect to: postgresql://host:port/database";
  return undefined;
}
