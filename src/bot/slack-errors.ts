import { z } from "zod";
import { KeyturnError, TryLater } from "../core/errors.ts";

/**
 * What Slack's answer to a call means. `limited`: 429, nothing happened. `refused`: Slack said no with this code, nothing
 * happened. `unknown`: no answer, or not one of Slack's; the call may have taken effect.
 */
export type Failure =
  | { readonly kind: "limited"; readonly afterMs: number }
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "unknown" };

const Limited = z.object({ code: z.literal("slack_webapi_rate_limited_error"), retryAfter: z.number() });
const Refused = z.object({ code: z.literal("slack_webapi_platform_error"), data: z.object({ error: z.string() }) });
/** Told by the API itself that it is Slack that has trouble. */
const theirs = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
]);

/** Reads what a WebClient threw. An error of ours is thrown again. */
export function failureOf(error: unknown): Failure {
  if (error instanceof KeyturnError) {
    throw error;
  }
  const limited = Limited.safeParse(error);
  if (limited.success) {
    return { kind: "limited", afterMs: Math.max(1, limited.data.retryAfter) * 1_000 };
  }
  const refused = Refused.safeParse(error);
  if (refused.success && refused.data.data.error === "ratelimited") {
    return { kind: "limited", afterMs: 30_000 };
  }
  return refused.success && !theirs.has(refused.data.data.error)
    ? { kind: "refused", code: refused.data.data.error }
    : { kind: "unknown" };
}

/** The same as an error that the engine and the queue understand: nothing is decided from a call that failed. */
export function slackTryLater(failure: Failure, cause: unknown): TryLater {
  switch (failure.kind) {
    case "limited":
      return new TryLater("slack_limited", "slack asks to wait", { afterMs: failure.afterMs, cause });
    case "refused":
      return new TryLater("slack_unreachable", `slack refused the call (${failure.code})`, {
        afterMs: 30_000,
        cause,
        hint: "see that the app is installed with the scopes of manifest.yml and invited to the channel",
      });
    case "unknown":
      return new TryLater("slack_unreachable", "slack cannot be reached", { afterMs: 5_000, cause });
  }
}

/** Where the tokens stand at api.slack.com. */
export const whereTokens = {
  SLACK_BOT_TOKEN: "api.slack.com > your app > OAuth & Permissions > Bot User OAuth Token (xoxb-...)",
  SLACK_APP_TOKEN: "Basic Information > App-Level Tokens, scope connections:write (xapp-...)",
} as const;

/** What Slack threw when it was shown a token: an error that names the variable if it refused, TryLater if it did not answer. */
export function slackRefusal(error: unknown, variable: keyof typeof whereTokens): KeyturnError {
  const failure = failureOf(error);
  return failure.kind === "refused"
    ? new KeyturnError("slack_token_refused", `slack refuses ${variable} (${failure.code})`, {
        hint: `copy it again: ${whereTokens[variable]}`,
        cause: error,
      })
    : slackTryLater(failure, error);
}

/** Whether Slack did not answer, or asked to wait: that passes by itself. An answer that says no does not. */
export function isAway(error: unknown): error is TryLater {
  return error instanceof TryLater && failureOf(error.cause).kind !== "refused";
}
