import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Credential } from "../../../src/core/credential.ts";

type Fields = Pick<Credential, "public" | "secret">;

/** What one instance was started with, and how it misbehaves. */
export type State = {
  readonly account: Fields | undefined;
  readonly letsEverybodyIn?: boolean;
  readonly sessions?: "everybody" | "nobody" | "for ever" | "none given";
};

export type Instance = {
  readonly port: number;
  readonly restart: (state: State) => void;
  /** Logins that were tried since the start. */
  readonly logins: () => number;
  readonly close: () => Promise<void>;
};

/** Instances that sign sessions with one key, as replicas do. */
export async function startInstances(count: number): Promise<readonly Instance[]> {
  const key = randomBytes(32);
  return await Promise.all(Array.from({ length: count }, () => startInstance(key)));
}

const Login = z.strictObject({ email: z.string(), password: z.string() });

/**
 * A stand-in for an instance of an application with one account: POST /auth/login takes JSON with exactly email and password and
 * answers 201 with a token at `$.data.token`, or 401; GET /auth/me takes it as a bearer token while the account is the one that
 * opened it, else 401.
 */
async function startInstance(key: Buffer): Promise<Instance> {
  let state: State = { account: undefined };
  let logins = 0;
  const sealOf = (account: Fields | undefined): string =>
    createHmac("sha256", key)
      .update(JSON.stringify([account?.public["email"], account?.secret["password"]?.reveal()]))
      .digest("hex");
  const answer = (asked: string, bearer: string, body: string): readonly [status: number, content: object] => {
    const { account, letsEverybodyIn, sessions } = state;
    if (asked === "GET /auth/me") {
      const known = sessions === "for ever" ? /^[0-9a-f]{64}$/.test(bearer) : bearer === sealOf(account);
      return [sessions === "everybody" || (known && sessions !== "nobody") ? 200 : 401, {}];
    }
    if (asked !== "POST /auth/login") return [404, {}];
    logins += 1;
    const login = Login.safeParse(JSON.parse(body)).data;
    if (login === undefined) return [400, {}];
    const right =
      account !== undefined &&
      login.email === account.public["email"] &&
      login.password === account.secret["password"]?.reveal();
    if (!right && letsEverybodyIn !== true) return [401, { message: "Invalid credentials" }];
    return [201, { success: true, data: sessions === "none given" ? {} : { token: sealOf(account) } }];
  };
  const server = createServer((from, to) => {
    void read(from).then(([asked, bearer, body]) => {
      const [status, content] = answer(asked, bearer, body);
      to.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: portOf(server),
    restart: (next) => {
      state = next;
    },
    logins: () => logins,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(from: IncomingMessage): Promise<readonly [asked: string, bearer: string, body: string]> {
  const [, bearer = ""] = /^Bearer (.+)$/.exec(from.headers.authorization ?? "") ?? [];
  return [`${String(from.method)} ${String(from.url)}`, bearer, await text(from)];
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the instance does not listen");
  return address.port;
}
