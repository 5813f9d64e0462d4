import { fileURLToPath } from "node:url";
import { z } from "zod";
import { serverFolder } from "../../servers/own-folder.ts";
import { freePort } from "../../servers/port.ts";
import { type Server, startServer } from "../../servers/server.ts";

export type Mode = "plain" | "etag" | "shown" | "patch";
export const password = "password-of-the-administrator";
const Token = z.object({ accessToken: z.string() });

export type Truload = Server & {
  readonly url: string;
  /** One request as the administrator; answers its JSON. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<unknown>;
};

/** What PUT takes beside the credentials, as it stands before a test. */
export const beside = {
  displayName: "NTSA",
  baseUrl: "https://ntsa.example",
  endpointsJson: "{}",
  environment: "test",
};
export const place = "/api/v1/system/integrations/ntsa";

/** Starts the stand-in for TruLoad (`truload.ts`) on this database; `credentials`: what its NTSA integration holds. */
export async function startTruload(options: {
  readonly databaseUrl: string;
  readonly mode: Mode;
  readonly providerUrl?: string;
  readonly credentials: Readonly<Record<string, string>>;
}): Promise<Truload> {
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const script = fileURLToPath(new URL("truload.ts", import.meta.url));
  const server = await startServer({
    name: "truload",
    port,
    folder: serverFolder("truload"),
    command: process.execPath,
    args: [script, String(port), options.databaseUrl, options.providerUrl ?? "", password, options.mode],
    asOurselves: true,
    answers: async () => (await fetch(`${url}/health`)).ok,
  });
  const send = async (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<unknown> => {
    const json =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { ...headers, "content-type": "application/json" } };
    const answer = await fetch(`${url}${path}`, { method, headers, ...json });
    if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)}`);
    return answer.json();
  };
  const login = { email: "root@truload.example", password };
  const { accessToken } = Token.parse(await send("POST", "/api/v1/auth/login", login, {}));
  const ask: Truload["ask"] = (method, path, body) =>
    send(method, path, body, { authorization: `Bearer ${accessToken}` });
  await ask("PUT", place, { ...beside, credentials: options.credentials });
  return { ...server, url, ask };
}

/** How Keyturn is let in. */
export const admin = {
  login: [
    {
      method: "POST",
      path: "/api/v1/auth/login",
      body: { email: "keyturn@truload.example", password: "env:TRULOAD_ADMIN" },
      keep: { access: "$.accessToken" },
    },
  ],
  headers: { authorization: "Bearer {{access}}" },
};
