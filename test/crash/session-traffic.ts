import { readEnv } from "../../sandbox/world/token-env.ts";
import { adminClient } from "../engine/generated-client.ts";

/** Somebody who is logged in all the while, and logs in again with what stands in the `.env` when they are sent away. */
export type SessionTraffic = {
  /** Asks every instance once, now. One that does not answer is asked again later. */
  readonly ask: () => Promise<void>;
  /** When they were refused since the start, ISO 8601. */
  readonly refusals: () => readonly string[];
  readonly stop: () => Promise<void>;
};

const everyMs = 100;

export function startSessions(urls: readonly string[], envFile: string): SessionTraffic {
  const refusals: string[] = [];
  let session: string | undefined;
  let running = Promise.resolve();
  async function use(url: string): Promise<void> {
    const client = adminClient(url);
    if (session !== undefined) {
      if ((await client.whoIs(session)) !== undefined) return;
      refusals.push(new Date().toISOString());
    }
    const { THE0_ADMIN_EMAIL: email = "", THE0_ADMIN_PASSWORD: password = "" } = await readEnv(envFile);
    session = await client.login(email, password);
    if (session === undefined) refusals.push(new Date().toISOString());
  }
  const ask = async (): Promise<void> => {
    for (const url of urls) await use(url).catch(() => undefined);
  };
  const next = (): Promise<void> => {
    running = running.then(ask);
    return running;
  };
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    void next().then(() => {
      asking = false;
    });
  }, everyMs);
  return {
    ask: next,
    refusals: () => [...refusals],
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
