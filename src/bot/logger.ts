import { type Logger, LogLevel } from "@slack/web-api";
import { type Logger as Pino, pino } from "pino";

/** JSON lines on standard output. Paths that may carry a capability or a token are masked whatever is logged. */
export function makeLog(): Pino {
  const paths = [
    "token",
    "*.token",
    "*.response_url",
    "*.trigger_id",
    "*.private_metadata",
    "response_url",
    "trigger_id",
    "private_metadata",
  ];
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: "[masked]" } });
}

/**
 * What Bolt and its clients log through. Their debug and info lines print payloads, message texts and socket addresses
 * with tickets, so only warnings and errors get through, and of those only the first 200 characters.
 */
export function slackLogger(log: Pino): Logger {
  function say(level: "warn" | "error", words: readonly unknown[]): void {
    log[level]({ slack: words.flatMap(sentenceOf).join(" ").slice(0, 200) }, "the Slack library says");
  }
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...words: unknown[]) => say("warn", words),
    error: (...words: unknown[]) => say("error", words),
    setLevel: (_level: LogLevel) => undefined,
    getLevel: () => LogLevel.WARN,
    setName: (_name: string) => undefined,
  };
}

function sentenceOf(word: unknown): readonly string[] {
  if (typeof word === "string") {
    return [word];
  }
  return word instanceof Error ? [word.message] : [];
}
