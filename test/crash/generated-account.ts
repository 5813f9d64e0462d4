import { randomBytes } from "node:crypto";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { readEnv, writeEnv } from "../../sandbox/world/token-env.ts";
import { adminClient } from "../engine/generated-client.ts";
import { startHttpProxy } from "../servers/http-proxy.ts";
import type { Account } from "./account.ts";
import { startApplication } from "./application.ts";
import { hearSessions } from "./kept-session.ts";
import { startSessions } from "./session-traffic.ts";

const email = "ops@the0.example";
const [login, me] = ["/api/v1/auth/login", "/api/v1/auth/me"];

/** The root administrator of an application as the0, which is set when one of two instances starts; somebody is logged in all the while. */
export async function openGenerated(folder: string): Promise<Account> {
  const envFile = join(folder, ".env");
  const first = `Crash4${randomBytes(12).toString("hex")}`;
  await writeEnv(envFile, { THE0_ADMIN_EMAIL: email, THE0_ADMIN_PASSWORD: first });
  await appendFile(envFile, "# kept\nOTHER=stays # as it is\n");
  const application = await startApplication({
    script: "../../sandbox/world/admin-app.ts",
    folder,
    envFile,
    env: { ACCOUNTS_FILE: join(folder, "accounts.json") },
  });
  const { instances } = application;
  const clients = instances.map(({ url }) => adminClient(url));
  const proxy = await startHttpProxy(instances);
  const judgeKept = hearSessions(proxy, me);
  const people = startSessions(
    instances.map(({ url }) => url),
    envFile,
  );
  const open = async (): Promise<string> => {
    const { THE0_ADMIN_PASSWORD: password = "" } = await readEnv(envFile);
    return (await clients[0]?.login(email, password)) ?? "";
  };
  const at = (path: string): readonly string[] => instances.map(({ id }) => `${proxy.urlOf(id)}${path}`);
  let session = await open();
  return {
    kind: "generated",
    rotator: {
      kind: "generated",
      name: "root administrator",
      login: [{ urls: at(login), accepted: [200, 201], refused: 401 }],
      session: { token: "$.data.token", accept: [{ urls: at(me), refused: 401 }] },
    },
    references: {},
    values: { THE0_ADMIN_EMAIL: "{{email}}", THE0_ADMIN_PASSWORD: "{{password}}" },
    variable: "THE0_ADMIN_PASSWORD",
    envFile,
    application,
    proxy,
    named: (password) => JSON.stringify([email, password]),
    accepts: async (password) => {
      const each = await Promise.all(clients.map((client) => client.login(email, password)));
      return each.every((opened) => opened !== undefined);
    },
    // Whoever is logged in notices at once, and not as late as a busy machine lets them.
    restarted: people.ask,
    refused: () => Promise.resolve(people.refusals().length),
    refusals: () => Promise.resolve(people.refusals()),
    alsoJudged: async (rotated) => {
      const alive = await Promise.all(clients.map((client) => client.whoIs(session)));
      const found = alive.some((who) => who !== undefined)
        ? ["a session from before the rotation is still let in"]
        : [];
      session = await open();
      return [...found, ...(session === "" ? ["nobody can log in"] : []), ...judgeKept(rotated)];
    },
    close: async () => {
      await people.stop();
      await proxy[Symbol.asyncDispose]();
      await application.stop();
    },
  };
}
