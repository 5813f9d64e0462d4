import type { Log } from "../../src/jobs/log.ts";

/** A log for tests that look at what happens, not at what is said. */
export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
