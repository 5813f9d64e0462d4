import { createHash, createHmac, createPrivateKey, sign, timingSafeEqual, webcrypto } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Credential } from "../../src/core/credential.ts";

type Fields = Pick<Credential, "public" | "secret">;

/** What one instance was started with, and how it misbehaves. `dateOffsetMs`: how wrong its clock is. */
export type State = {
  readonly uses: Fields | undefined;
  readonly accepts: Fields | undefined;
  readonly dateOffsetMs?: number;
  readonly answers?: { readonly status: number; readonly headers?: Readonly<Record<string, string>> };
  readonly letsEverybodyIn?: boolean;
  readonly keySet?: unknown;
  /** Of the key set's answer. */
  readonly cache?: Readonly<Record<string, string>>;
};

export type Instance = {
  readonly port: number;
  readonly restart: (state: State) => void;
  /** Everything that was sent to it, heads and bodies. */
  readonly heard: () => string;
  readonly close: () => Promise<void>;
};

type Algorithm = "HS256" | "RS256" | "ES256" | "EdDSA";
export const smoke = { user: "smoke", password: "smoke-test-password-5f1c" };

/**
 * A stand-in for an instance of a service with two variables. It is strict where the rotators must be: a token without a known
 * signature, an expired one, one dated ahead, and an unknown subject get 401. It verifies with WebCrypto, not with what signs.
 * GET /me, /internal, /jwks.json; POST /login, /send (calls the next instance's /internal; says the SHA-256 of its key).
 */
export async function startInstance(algorithm: Algorithm, next: () => number): Promise<Instance> {
  let state: State = { uses: undefined, accepts: undefined };
  const heard: string[] = [];
  const server = createServer((from, to) => void answer(from, to));
  async function answer(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const body = await text(from);
    heard.push(`${String(from.method)} ${String(from.url)} ${JSON.stringify(from.headers)} ${body}`);
    const nowMs = Date.now() + (state.dateOffsetMs ?? 0);
    to.setHeader("date", new Date(nowMs).toUTCString());
    const [status, content, headers] = await reply(from, body, nowMs);
    to.writeHead(status, { "content-type": "application/json", ...headers });
    to.end(JSON.stringify(content));
  }
  async function reply(from: IncomingMessage, body: string, nowMs: number): Promise<Reply> {
    const keys = [state.uses, state.accepts].filter((fields) => fields !== undefined);
    if (state.answers !== undefined) return [state.answers.status, {}, state.answers.headers ?? {}];
    switch (`${String(from.method)} ${String(from.url)}`) {
      case "GET /me": {
        const [, token = ""] = /^Bearer (.+)$/.exec(from.headers.authorization ?? "") ?? [];
        const isIn = state.letsEverybodyIn === true || (await isAccepted(algorithm, token, keys, nowMs));
        return [isIn ? 200 : 401, {}, {}];
      }
      case "GET /internal": {
        const shown = String(from.headers["x-api-key"] ?? "");
        return [keys.some(({ secret }) => secret["key"]?.reveal() === shown) ? 200 : 401, {}, {}];
      }
      case "POST /login": {
        const known = Login.safeParse(JSON.parse(body)).data;
        if (known?.user !== smoke.user || known.password !== smoke.password || state.uses === undefined)
          return [401, {}, {}];
        return [200, { session: { token: tokenFrom(algorithm, state.uses, nowMs) } }, {}];
      }
      case "POST /send": {
        const key = state.uses?.secret["key"]?.reveal() ?? "";
        const peer = await fetch(`http://127.0.0.1:${next()}/internal`, { headers: { "x-api-key": key } });
        return [peer.status === 200 ? 200 : 502, { sha256: createHash("sha256").update(key).digest("hex") }, {}];
      }
      case "GET /jwks.json": {
        const listed = keys.map((fields): unknown => JSON.parse(fields.public["jwk"] ?? "{}"));
        return [200, state.keySet ?? { keys: listed }, state.cache ?? {}];
      }
      default:
        return [404, {}, {}];
    }
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: portOf(server),
    restart: (next) => {
      state = next;
    },
    heard: () => heard.join("\n"),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Reply = readonly [status: number, content: unknown, headers: Readonly<Record<string, string>>];
const Login = z.object({ user: z.string(), password: z.string() });
const Header = z.object({ alg: z.string(), kid: z.string().optional() });
const Claims = z.object({ sub: z.string(), exp: z.number(), iat: z.number() });

async function isAccepted(
  algorithm: Algorithm,
  token: string,
  keys: readonly Fields[],
  nowMs: number,
): Promise<boolean> {
  const [head = "", body = "", mark = ""] = token.split(".");
  const header = Header.safeParse(jsonIn(head)).data;
  const claims = Claims.safeParse(jsonIn(body)).data;
  if (header?.alg !== algorithm || claims === undefined) return false;
  if (claims.iat * 1000 > nowMs || claims.exp * 1000 <= nowMs) return false;
  if (!["keyturn-canary", smoke.user].includes(claims.sub)) return false;
  const signature = Buffer.from(mark, "base64url");
  for (const key of keys) {
    if (algorithm === "HS256" && isMac(key, `${head}.${body}`, signature)) return true;
    if (
      algorithm !== "HS256" &&
      header.kid === key.public["kid"] &&
      (await isSigned(algorithm, key, `${head}.${body}`, signature))
    )
      return true;
  }
  return false;
}

function isMac(key: Fields, input: string, signature: Buffer): boolean {
  const expected = createHmac("sha256", key.secret["key"]?.reveal() ?? "")
    .update(input)
    .digest();
  return expected.length === signature.length && timingSafeEqual(expected, signature);
}

const ways = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
} as const;

async function isSigned(algorithm: keyof typeof ways, key: Fields, input: string, signature: Buffer): Promise<boolean> {
  const way = ways[algorithm];
  const { alg: _alg, ...jwk } = z.record(z.string(), z.string()).parse(JSON.parse(key.public["jwk"] ?? "{}"));
  const open = await webcrypto.subtle.importKey("jwk", jwk, way, false, ["verify"]);
  return await webcrypto.subtle.verify(way, open, signature, Buffer.from(input));
}

function tokenFrom(algorithm: Algorithm, { public: open, secret }: Fields, nowMs: number): string {
  const nowS = Math.floor(nowMs / 1000);
  const input = [
    { alg: algorithm, typ: "JWT", ...(algorithm === "HS256" ? {} : { kid: open["kid"] }) },
    { sub: smoke.user, iat: nowS, exp: nowS + 3600 },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const key = secret["key"]?.reveal() ?? "";
  const mark =
    algorithm === "HS256"
      ? createHmac("sha256", key).update(input).digest()
      : sign(algorithm === "EdDSA" ? null : "sha256", Buffer.from(input), {
          key: createPrivateKey(key),
          dsaEncoding: "ieee-p1363",
        });
  return `${input}.${mark.toString("base64url")}`;
}

function jsonIn(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the instance does not listen");
  return address.port;
}
