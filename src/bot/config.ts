import { readFileSync } from "node:fs";
import { z } from "zod";
import { Secret } from "../core/secret.ts";
import { readPage } from "./page-settings.ts";
import { whereTokens } from "./slack-errors.ts";

/** What the program is started with. Tokens are secrets; folders are absolute. */
export type Settings = {
  readonly catalogFile: string;
  readonly slack: { readonly botToken: Secret; readonly apiUrl: string | undefined } & (
    | { readonly mode: "socket"; readonly appToken: Secret }
    | { readonly mode: "http"; readonly signingSecret: Secret; readonly port: number }
  );
  readonly sealKeys: { readonly current: string; readonly keys: Readonly<Record<string, Secret>> };
  readonly database:
    | { readonly kind: "embedded"; readonly dataFolder: string }
    | { readonly kind: "url"; readonly url: Secret };
  readonly queueUrl: Secret | undefined;
  readonly secretsFolder: string;
  readonly commandFolders: readonly string[];
  readonly fileFolders: readonly string[];
  readonly logFolders: readonly string[];
  readonly concurrency: number;
  /** Loopback port for GET /healthz. */
  readonly healthPort: number | undefined;
  /** The page on which people hand values in: its public address, and in Socket Mode its loopback port. */
  readonly page: { readonly url: string; readonly port: number | undefined } | undefined;
  readonly leaseMs: number;
  /** Everything else of the environment, for `env:NAME` references. Names that Keyturn itself reads are not in it. */
  readonly references: Readonly<Record<string, string>>;
};

/** Something the program cannot start without, and how to get it. */
export type Missing = { readonly name: string; readonly sentence: string; readonly hint: string };

const Positive = z.coerce.number().int().positive();

/**
 * Reads the environment, once. Everything that is missing or wrong is named at once. The only reader of `process.env`;
 * `forgetEnvironment` empties it before any child process starts.
 */
export function readSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): { readonly settings: Settings } | { readonly missing: readonly Missing[] } {
  const missing: Missing[] = [];
  const need = (name: string, hint: string): string => needed(env, name, hint, missing);
  const catalogFile = need("KEYTURN_CATALOG", "the path of your catalog file; docs/catalog.md shows one");
  const botToken = need("SLACK_BOT_TOKEN", whereTokens.SLACK_BOT_TOKEN);
  const port = env["KEYTURN_HTTP_PORT"];
  const slackBase = { botToken: new Secret(botToken), apiUrl: env["SLACK_API_URL"] };
  const slack =
    port === undefined
      ? {
          ...slackBase,
          mode: "socket" as const,
          appToken: new Secret(need("SLACK_APP_TOKEN", whereTokens.SLACK_APP_TOKEN)),
        }
      : {
          ...slackBase,
          mode: "http" as const,
          port: positive("KEYTURN_HTTP_PORT", port, missing),
          signingSecret: new Secret(need("SLACK_SIGNING_SECRET", "Basic Information > Signing Secret")),
        };
  const { sealKeys, database } = readState(env, missing);
  const queueUrl = env["QUEUE_URL"];
  const settings: Settings = {
    catalogFile,
    slack,
    sealKeys,
    database,
    queueUrl: queueUrl === undefined ? undefined : new Secret(queueUrl),
    secretsFolder: env["KEYTURN_SECRETS"] ?? "/run/secrets",
    commandFolders: folders(env["KEYTURN_COMMANDS"]),
    fileFolders: folders(env["KEYTURN_FILES"]),
    logFolders: folders(env["KEYTURN_LOGS"]),
    concurrency: positive("KEYTURN_CONCURRENCY", env["KEYTURN_CONCURRENCY"] ?? "8", missing),
    healthPort:
      env["KEYTURN_HEALTH_PORT"] === undefined
        ? undefined
        : positive("KEYTURN_HEALTH_PORT", env["KEYTURN_HEALTH_PORT"], missing),
    page: readPage({ text: env["KEYTURN_PAGE_URL"], port: env["KEYTURN_PAGE_PORT"] }, slack.mode, missing),
    leaseMs: positive("KEYTURN_LEASE_MS", env["KEYTURN_LEASE_MS"] ?? "8000", missing),
    references: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (value === undefined || isOwn(name) ? [] : [[name, value]])),
    ),
  };
  return missing.length > 0 ? { missing } : { settings };
}

/** What the state is opened with, for commands that need neither Slack nor a catalog. Names all that is missing at once. */
export function readStateSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): { readonly settings: Pick<Settings, "database" | "sealKeys"> } | { readonly missing: readonly Missing[] } {
  const missing: Missing[] = [];
  const settings = readState(env, missing);
  return missing.length > 0 ? { missing } : { settings };
}

function readState(
  env: Readonly<Record<string, string | undefined>>,
  missing: Missing[],
): Pick<Settings, "database" | "sealKeys"> {
  const sealKeys = readSealKeys(env, missing);
  const url = env["DATABASE_URL"];
  const hint = "a folder on a real disk for the embedded database, or set DATABASE_URL to your own PostgreSQL";
  const database: Settings["database"] =
    url === undefined
      ? { kind: "embedded", dataFolder: needed(env, "KEYTURN_DATA", hint, missing) }
      : { kind: "url", url: new Secret(url) };
  return { sealKeys, database };
}

function needed(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  hint: string,
  missing: Missing[],
): string {
  const value = env[name];
  if (value === undefined || value === "") {
    missing.push({ name, sentence: `${name} is not set`, hint });
    return "";
  }
  return value;
}

/** Empties `process.env`, so that no child inherits a token by accident. */
export function forgetEnvironment(): void {
  for (const name of Object.keys(process.env)) {
    if (name !== "PATH" && name !== "TZ" && name !== "LANG" && name !== "HOME") {
      delete process.env[name];
    }
  }
}

function isOwn(name: string): boolean {
  return /^(KEYTURN_|SLACK_)/.test(name) || name === "DATABASE_URL" || name === "QUEUE_URL";
}

function folders(text: string | undefined): readonly string[] {
  return (text ?? "").split(":").filter((folder) => folder.startsWith("/"));
}

function positive(name: string, text: string, missing: Missing[]): number {
  const parsed = Positive.safeParse(text);
  if (!parsed.success) {
    missing.push({ name, sentence: `${name} is "${text}"`, hint: "it has to be a whole number above 0" });
    return 1;
  }
  return parsed.data;
}

/** `KEYTURN_SEAL_KEY` is `id:base64 of 32 bytes`, several separated by a comma, the first one seals; or a file that holds this. */
function readSealKeys(env: Readonly<Record<string, string | undefined>>, missing: Missing[]): Settings["sealKeys"] {
  const hint =
    "make one with: printf 'k1:%s' \"$(openssl rand -base64 32)\" and keep it outside the database, or name a file in KEYTURN_SEAL_KEY_FILE";
  const text = env["KEYTURN_SEAL_KEY"] ?? fromFile(env["KEYTURN_SEAL_KEY_FILE"], missing);
  const keys: Record<string, Secret> = {};
  let current = "";
  for (const part of (text ?? "").trim().split(",")) {
    const [id, key] = [part.slice(0, part.indexOf(":")), part.slice(part.indexOf(":") + 1)];
    if (id.length > 0 && Buffer.from(key, "base64").length === 32) {
      keys[id] = new Secret(key);
      current ||= id;
    } else {
      missing.push({
        name: "KEYTURN_SEAL_KEY",
        sentence: text === undefined ? "there is no seal key" : "the seal key is not `id:base64 of 32 bytes`",
        hint,
      });
      break;
    }
  }
  return { current, keys };
}

function fromFile(path: string | undefined, missing: Missing[]): string | undefined {
  if (path === undefined) {
    return undefined;
  }
  try {
    return readFileSync(path, "utf8");
  } catch {
    missing.push({
      name: "KEYTURN_SEAL_KEY_FILE",
      sentence: `${path} cannot be read`,
      hint: "name a file that this user can read, mode 0600",
    });
    return undefined;
  }
}

/** The folders that adapters may touch, for commands that need nothing else. */
export function readFolders(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Pick<Settings, "commandFolders" | "fileFolders" | "logFolders"> {
  return {
    commandFolders: folders(env["KEYTURN_COMMANDS"]),
    fileFolders: folders(env["KEYTURN_FILES"]),
    logFolders: folders(env["KEYTURN_LOGS"]),
  };
}

/** What references are resolved with, and the catalog's path, for commands that look without a bot. */
export function readReferences(env: Readonly<Record<string, string | undefined>> = process.env): {
  readonly env: Readonly<Record<string, string>>;
  readonly secretsFolder: string;
  readonly catalogFile: string | undefined;
} {
  const own = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || isOwn(name) ? [] : [[name, value] as const],
  );
  return {
    env: Object.fromEntries(own),
    secretsFolder: env["KEYTURN_SECRETS"] ?? "/run/secrets",
    catalogFile: env["KEYTURN_CATALOG"],
  };
}
