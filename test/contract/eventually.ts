import { expect } from "vitest";

/** `expect.poll` that gives up only when something hangs: how fast a machine is decides nothing. */
export function eventually<T>(look: () => T) {
  return expect.poll(look, { timeout: 40_000, interval: 20 });
}
