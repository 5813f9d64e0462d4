import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import pg from "pg";
import { z } from "zod";

/**
 * @module Stands for TruLoad's backend, whose integrations are kept in its own database: the shapes are those of its public
 * source (IntegrationConfigController, UpsertIntegrationConfigRequest), nothing else of it is here. A process of its own:
 * `truload.ts PORT DATABASE_URL PROVIDER_URL PASSWORD MODE`, on PostgreSQL, credentials encrypted with AES-256-GCM. Strict: unknown
 * members are a 400, a request without its token a 401.
 *
 * `MODE` adds what other applications do: `etag` (versions and If-Match), `shown` (GET shows the credentials as they are), `patch` (a
 * JSON merge patch, as the runbook has it), `plain` (none of it).
 */
const [port = "", databaseUrl = "", providerUrl = "", password = "", mode = "plain"] = process.argv.slice(2);

const Upsert = z.strictObject({
  providerName: z.string().exactOptional(),
  displayName: z.string(),
  baseUrl: z.string(),
  credentials: z.record(z.string(), z.string().min(1)),
  endpointsJson: z.string().default("{}"),
  environment: z.string().nullable().default(null),
  description: z.string().nullable().default(null),
  isActive: z.boolean().default(true),
});
const Patch = z.strictObject({ credentials: z.record(z.string(), z.string().min(1).nullable()) });
const Login = z.strictObject({ email: z.string(), password: z.string() });
const Row = z.object({
  shown: z.record(z.string(), z.json()),
  sealed: z.instanceof(Buffer),
  version: z.coerce.number(),
});

const key = randomBytes(32);
const token = randomBytes(16).toString("hex");
/** One connection, so that a read and the write after it are one transaction. */
const database = new pg.Client(databaseUrl);
let queue: Promise<unknown> = Promise.resolve();
/** What a lookup has once answered stays so for a day. */
const cache = new Map<string, unknown>();

await database.connect();
await database.query(
  "CREATE TABLE IF NOT EXISTS integrations (provider text PRIMARY KEY, shown jsonb, sealed bytea, version int)",
);
createServer((request, response) => {
  const answering = queue.then(() => answer(request));
  queue = answering.catch(() => undefined);
  answering.then(
    ({ status, body = {}, etag }) => {
      const headers = { "content-type": "application/json", ...(etag === undefined ? {} : { etag }) };
      response.writeHead(status, headers).end(JSON.stringify(body));
    },
    () => response.writeHead(500).end(),
  );
}).listen(Number(port), "127.0.0.1");

type Answered = { readonly status: number; readonly body?: unknown; readonly etag?: string };

async function answer(request: IncomingMessage): Promise<Answered> {
  const { method = "", url = "" } = request;
  const text = await textOf(request);
  if (url === "/health") return { status: 200 };
  if (method === "POST" && url === "/api/v1/auth/login") {
    const login = Login.safeParse(json(text));
    return login.success && login.data.password === password
      ? { status: 200, body: { accessToken: token } }
      : { status: 401 };
  }
  if (request.headers.authorization !== `Bearer ${token}`) return { status: 401 };
  const lookup = /^\/api\/v1\/vehicles\/(\w+)$/.exec(url)?.[1];
  if (lookup !== undefined) return { status: 200, body: await lookedUp(lookup) };
  const [, provider = "", rest = ""] = /^\/api\/v1\/system\/integrations\/(\w+)(\/test)?$/.exec(url) ?? [];
  const kept = await keptOf(provider);
  if (provider === "" || (kept === undefined && method !== "PUT")) return { status: 404 };
  if (method === "POST" && rest === "/test")
    return { status: 200, body: { success: true, provider, message: "decryptable" } };
  if (method === "GET") return { status: 200, body: shownOf(kept), ...etagOf(kept) };
  const [, version] = /^"(\d+)"$/.exec(request.headers["if-match"] ?? "") ?? [];
  if (version !== undefined && Number(version) !== kept?.version) return { status: 412 };
  if (method === "PATCH" && mode === "patch" && kept !== undefined) {
    const patch = Patch.safeParse(json(text));
    if (!patch.success) return { status: 400, body: { message: text } };
    const credentials = Object.entries({ ...credentialsOf(kept), ...patch.data.credentials });
    return stored(
      provider,
      kept.shown,
      Object.fromEntries(credentials.flatMap(([name, value]) => (value === null ? [] : [[name, value]]))),
    );
  }
  const upsert = method === "PUT" ? Upsert.safeParse(json(text)) : undefined;
  // As carelessly as some do it, the answer repeats what was sent.
  if (upsert?.success !== true) return { status: method === "PUT" ? 400 : 405, body: { message: text } };
  const { credentials, providerName: _name, ...shown } = upsert.data;
  return stored(provider, shown, credentials);
}

/** The provider is asked with what is kept now, at most once a day for each vehicle. */
async function lookedUp(plate: string): Promise<unknown> {
  const known = cache.get(plate);
  if (known !== undefined) return known;
  const kept = await keptOf("ntsa");
  const { apiKey = "", clientSecret = "" } = kept === undefined ? {} : credentialsOf(kept);
  const asked = await fetch(providerUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key: apiKey, secret: clientSecret }),
  });
  const found = { plate, provider: asked.status };
  cache.set(plate, found);
  return found;
}

type Kept = z.infer<typeof Row>;

async function keptOf(provider: string): Promise<Kept | undefined> {
  const { rows } = await database.query("SELECT shown, sealed, version FROM integrations WHERE provider = $1", [
    provider,
  ]);
  return rows.length === 0 ? undefined : Row.parse(rows[0]);
}

async function stored(
  provider: string,
  shown: object,
  credentials: Readonly<Record<string, string>>,
): Promise<Answered> {
  await database.query(
    `INSERT INTO integrations VALUES ($1, $2, $3, 1)
     ON CONFLICT (provider) DO UPDATE SET shown = $2, sealed = $3, version = integrations.version + 1`,
    [provider, shown, seal(JSON.stringify(credentials))],
  );
  const kept = await keptOf(provider);
  return { status: 200, body: shownOf(kept), ...etagOf(kept) };
}

function shownOf(kept: Kept | undefined): unknown {
  if (kept === undefined) return {};
  return mode === "plain" ? kept.shown : { ...kept.shown, credentials: credentialsOf(kept) };
}

function etagOf(kept: Kept | undefined): { readonly etag?: string } {
  return mode === "etag" && kept !== undefined ? { etag: `"${String(kept.version)}"` } : {};
}

function credentialsOf({ sealed }: Kept): Record<string, string> {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12)).setAuthTag(sealed.subarray(12, 28));
  const plain = Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString();
  return z.record(z.string(), z.string()).parse(JSON.parse(plain));
}

function seal(plain: string): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
