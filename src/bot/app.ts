import { performance } from "node:perf_hooks";
import { App, HTTPReceiver, SocketModeReceiver } from "@slack/bolt";
import { type Logger, WebClient } from "@slack/web-api";
import type { HandlerDeps } from "../handlers/deps.ts";
import { registerHandlers } from "../handlers/index.ts";
import { collectFirst } from "./collect-door.ts";
import type { Settings } from "./config.ts";
import { guardHttp } from "./http-door.ts";
import { listening } from "./listening.ts";
import { slackRefusal } from "./slack-errors.ts";
import { backgroundOptions } from "./thread-post.ts";

type SlackSettings = Settings["slack"];

/**
 * A client for one purpose. Two of them never share a queue: one 429 in the background must not hold up a press, whose
 * trigger lives three seconds. Nothing is resent by itself: a lost answer to a post would otherwise become a second post.
 */
export function slackClient(slack: SlackSettings, logger: Logger): WebClient {
  return new WebClient(slack.botToken.reveal(), { ...backgroundOptions(slack.apiUrl), logger });
}

/** The Bolt app with every handler. Socket Mode unless an HTTP port is set. Not started yet: `startApp`. */
export function makeApp(slack: SlackSettings, deps: HandlerDeps, logger: Logger): App {
  const receiver =
    slack.mode === "socket"
      ? socketReceiver(slack, slack.appToken.reveal(), logger)
      : httpReceiver(slack.signingSecret.reveal(), deps, logger);
  const app = new App({
    token: slack.botToken.reveal(),
    clientOptions: clientOptions(slack),
    logger,
    receiver,
    deferInitialization: true,
  });
  registerHandlers(app, deps);
  app.error(async (error) => {
    deps.log.warn({ code: error.code, message: error.message.slice(0, 200) }, "a handler failed");
    await Promise.resolve();
  });
  return app;
}

/**
 * Starts to listen. Throws TryLater when Slack does not answer (make another app then), "slack_token_refused", or
 * "port_in_use".
 */
export async function startApp(app: App, slack: SlackSettings): Promise<void> {
  await app.init().catch((error: unknown) => {
    throw slackRefusal(error, "SLACK_BOT_TOKEN");
  });
  if (slack.mode === "http") {
    await listening("KEYTURN_HTTP_PORT", slack.port, () => app.start(slack.port));
    return;
  }
  await app.start().catch((error: unknown) => {
    throw slackRefusal(error, "SLACK_APP_TOKEN");
  });
}

/** A connection that cannot be opened, now or later, is tried again for ever: an error there would end the process. */
const forEver = { forever: true, factor: 1.3, maxTimeout: 10_000, unref: true };

function socketReceiver(slack: SlackSettings, appToken: string, logger: Logger): SocketModeReceiver {
  const options = { ...clientOptions(slack), retryConfig: forEver };
  return new SocketModeReceiver({ appToken, logger, installerOptions: { clientOptions: options } });
}

function clientOptions(slack: SlackSettings) {
  const base = { rejectRateLimitedCalls: true, retryConfig: { retries: 0 }, timeout: 5_000 };
  return slack.apiUrl === undefined ? base : { ...base, slackApiUrl: slack.apiUrl };
}

function httpReceiver(signingSecret: string, deps: HandlerDeps, logger: Logger): HTTPReceiver {
  const receiver = new HTTPReceiver({ signingSecret, logger });
  const guarded = guardHttp(receiver.requestListener, {
    signingSecret,
    firstTime: deps.firstTime,
    nowMs: Date.now,
    log: deps.log,
  });
  receiver.requestListener = collectFirst(guarded, {
    desk: deps.desk,
    monotonicMs: () => performance.now(),
    log: deps.log,
  });
  return receiver;
}
