import type { CheckScope } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";

/** A scope as the engine gives it, an hour into a rotation; `now` is this machine's. */
export function scopeOf(parts: Partial<CheckScope> = {}): CheckScope {
  const now = Date.now();
  return {
    expected: undefined,
    consumers: [],
    since: new Date(now - 3_600_000).toISOString(),
    now: new Date(now).toISOString(),
    login: () => Promise.resolve({ verdict: "accepted", ms: 12 }),
    resolve: (reference) => Promise.resolve(new Secret(`resolved(${reference})`)),
    ...parts,
  };
}
