import { App, type Logger, LogLevel } from "@slack/bolt";
import { z } from "zod";
import { demoSeed } from "../../sandbox/workspace/demo-seed.ts";
import type { WorkspaceOptions } from "../../sandbox/workspace/options.ts";
import { startWorkspace, type Workspace } from "../../sandbox/workspace/server.ts";

export type BoltApp = App;

/** A workspace with a real Bolt app connected over Socket Mode. */
export interface Pair extends AsyncDisposable {
  readonly workspace: Workspace;
  readonly app: BoltApp;
}

/** Starts both; `register` adds the app's listeners before it connects. */
export async function startPair(
  register: (app: BoltApp) => void = () => undefined,
  options: Partial<WorkspaceOptions> = {},
): Promise<Pair> {
  const workspace = await startWorkspace({ seed: demoSeed(), ...options });
  const app = newApp(workspace);
  register(app);
  await app.start();
  return {
    workspace,
    app,
    async [Symbol.asyncDispose]() {
      await app.stop();
      await workspace.close();
    },
  };
}

/** An unmodified Bolt app that is told nothing but the API address; calls are not retried unless asked for. */
export function newApp(workspace: Workspace, retries = 0): BoltApp {
  return new App({
    token: workspace.botToken,
    appToken: workspace.appToken,
    socketMode: true,
    logger: quiet,
    clientOptions: { slackApiUrl: workspace.apiUrl, retryConfig: { retries, minTimeout: 10, maxTimeout: 20 } },
  });
}

/** The SDK prints refused calls itself; the tests look at them instead. */
const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

/** The `error` and the pointer messages of a refused call; undefined when it was not refused. */
export async function refusal(call: Promise<unknown>): Promise<{ error: string; messages: string[] } | undefined> {
  try {
    await call;
    return undefined;
  } catch (thrown) {
    return readRefusal(thrown);
  }
}

function readRefusal(thrown: unknown): { error: string; messages: string[] } {
  if (typeof thrown !== "object" || thrown === null || !("data" in thrown)) throw thrown;
  return Refused.parse(thrown.data);
}

const Refused = z
  .looseObject({
    error: z.string(),
    response_metadata: z.looseObject({ messages: z.array(z.string()).default([]) }).optional(),
  })
  .transform((data) => ({ error: data.error, messages: data.response_metadata?.messages ?? [] }));
