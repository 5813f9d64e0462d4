import { performance } from "node:perf_hooks";
import { App, HTTPReceiver } from "@slack/bolt";
import { type Logger, WebClient } from "@slack/web-api";
import type { HandlerDeps } from "../handlers/deps.ts";
import { registerHandlers } from "../handlers/index.ts";
import { collectFirst } from "./collect-door.ts";
import type { Settings } from "./config.ts";
import { guardHttp } from "./http-door.ts";
import { backgroundOptions } from "./thread-post.ts";

type SlackSettings = Settings["slack"];

/**
 * A client for one purpose. Two of them never share a queue: one 429 in the background must not hold up a press, whose
 * trigger lives three seconds. Nothing is resent by itself: a lost answer to a post would otherwise become a second post.
 */
export function slackClient(slack: SlackSettings, logger: Logger): WebClient {
  return new WebClient(slack.botToken.reveal(), { ...backgroundOptions(slack.apiUrl), logger });
}

/** The Bolt app with every handler. Socket Mode unless an HTTP port is set. Not started yet. */
export function makeApp(slack: SlackSettings, deps: HandlerDeps, logger: Logger) {
  const shared = { token: slack.botToken.reveal(), clientOptions: clientOptions(slack), logger };
  const app =
    slack.mode === "socket"
      ? new App({ ...shared, socketMode: true, appToken: slack.appToken.reveal() })
      : new App({ ...shared, receiver: httpReceiver(slack.signingSecret.reveal(), deps, logger) });
  registerHandlers(app, deps);
  app.error(async (error) => {
    deps.log.warn({ code: error.code, message: error.message.slice(0, 200) }, "a handler failed");
    await Promise.resolve();
  });
  return app;
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
