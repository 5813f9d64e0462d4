import { randomBytes } from "node:crypto";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { writeEnv } from "../../sandbox/world/token-env.ts";
import { ask } from "../../sandbox/world/token-http.ts";
import { startHttpProxy } from "../servers/http-proxy.ts";
import { serverFolder } from "../servers/own-folder.ts";
import { freePort } from "../servers/port.ts";
import { startServer } from "../servers/server.ts";
import type { Account } from "./account.ts";
import { type Application, startApplication } from "./application.ts";
import { judgeSets, outsideOfCut, Sets } from "./set-passwords.ts";

const username = "app";
const Token = z.object({ token: z.string() });
const id = "7";

type Options = {
  /** That the API refuses the change, or does it and denies it. */
  readonly set?: "refuses" | "denies";
  /** Changes of the rotator's entry. */
  readonly rotator?: object;
};

/** A user whom an administration API gives a password, and an application of two instances that logs in with it all the while. */
export async function openHttpApi(folder: string, { set, rotator = {} }: Options = {}): Promise<Account> {
  const envFile = join(folder, ".env");
  const [first, keyturn] = [randomBytes(12).toString("hex"), randomBytes(12).toString("hex")];
  await writeEnv(envFile, { APP_USERNAME: username, APP_PASSWORD: first });
  await appendFile(envFile, "# kept\nOTHER=stays # as it is\n");
  const server = await startLoginServer(keyturn, first, ...(set === undefined ? [] : [set]));
  const url = `http://127.0.0.1:${server.port}`;
  const proxy = await startHttpProxy([{ id: "logins", url }]);
  const application = await startApplication({
    script: "login-app.ts",
    folder,
    envFile,
    env: { LOGIN_URL: `${url}/login` },
  });
  const logIn = (name: string, password: string) => post(`${url}/login`, { username: name, password });
  const { token } = Token.parse(
    JSON.parse((await post(`${url}/admin/login`, { username: "keyturn", password: keyturn })).body),
  );
  const setSoFar = async (): Promise<Sets> => {
    const { body } = await ask(`${url}/sets`, { headers: { authorization: `Bearer ${token}` } });
    return Sets.parse(JSON.parse(body));
  };
  return {
    kind: "http-api",
    rotator: { ...rotatorOf(proxy.urlOf("logins")), ...rotator },
    references: { ADMIN: keyturn },
    values: { APP_USERNAME: "{{username}}", APP_PASSWORD: "{{password}}" },
    variable: "APP_PASSWORD",
    envFile,
    application,
    proxy,
    named: (password) => password,
    accepts: async (password) => (await logIn(username, password)).status === 200,
    restarted: () => Promise.resolve(),
    refused: async () => (await refusalsOf(application)).length,
    alsoJudged: async (rotated) => [
      ...((await logIn("app-beside", keyturn)).status === 200 ? [] : ["the password of another user has changed"]),
      ...judgeSets(await setSoFar(), rotated, { id, variable: "APP_PASSWORD" }),
      ...outsideOfCut(rotated, await refusalsOf(application)),
    ],
    close: async () => {
      await application.stop();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function rotatorOf(url: string): object {
  return {
    kind: "http-api",
    url,
    username,
    admin: {
      login: [
        {
          method: "POST",
          path: "/admin/login",
          body: { username: "keyturn", password: "env:ADMIN" },
          keep: { access: "$.token" },
        },
      ],
      headers: { authorization: "Bearer {{access}}" },
    },
    find: { path: "/users?name={{username}}", list: "$.users" },
    set: { path: "/users/{{id}}", body: { password: "{{password}}" } },
    test: { path: "/login", body: { username: "{{username}}", password: "{{password}}" } },
  };
}

function startLoginServer(...words: readonly string[]) {
  return freePort().then((port) =>
    startServer({
      name: "logins",
      port,
      folder: serverFolder("logins"),
      command: process.execPath,
      args: [fileURLToPath(new URL("login-server.ts", import.meta.url)), String(port), ...words],
      asOurselves: true,
      answers: async () => (await ask(`http://127.0.0.1:${port}/health`)).status === 200,
    }),
  );
}

function post(url: string, value: object) {
  return ask(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value) });
}

/** When a login of the application was refused, ISO 8601, as its instances have it in their logs. */
async function refusalsOf({ instances }: Application): Promise<readonly string[]> {
  const texts = await Promise.all(instances.map(({ logFile }) => readFile(logFile, "utf8")));
  const lines = texts.flatMap((text) => text.split("\n"));
  return lines.flatMap((line) => /^(\S+) ERROR auth error/.exec(line)?.[1] ?? []).toSorted();
}
