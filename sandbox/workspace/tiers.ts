/** Calls allowed per minute in each tier (docs.slack.dev, apis/web-api/rate-limits). */
const perMinute = { 1: 1, 2: 20, 3: 50, 4: 100 } as const;
/** Posting to a channel: one message per second, and a few at once. */
const channelBurst = 4;

export type Tier = keyof typeof perMinute | "special";

/** How often a method, or posting in a channel, was used in the last minute, and how often that was too much. */
export interface TierUse {
  readonly lastMinute: number;
  readonly over: number;
}

export interface Tiers {
  /** Counts a call; returns the seconds to wait when it is over its tier and tiers are enforced. */
  count(method: string, tier: Tier, channelId: string | undefined): number | undefined;
  use(): { [key: string]: TierUse };
}

/** `enforced`: false counts only, and never asks anybody to wait. */
export function createTiers(enforced: boolean): Tiers {
  const calls = new Map<string, number[]>();
  const over = new Map<string, number>();
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  const waitOf = (key: string, tier: Tier, nowMs: number): number | undefined => {
    if (tier === "special") return waitForToken(buckets, key, nowMs);
    const recent = calls.get(key) ?? [];
    const oldest = recent[0];
    if (recent.length < perMinute[tier] || oldest === undefined) return undefined;
    return Math.max(1, Math.ceil((60_000 - (nowMs - oldest)) / 1000));
  };

  return {
    count(method, tier, channelId) {
      if (tier === "special" && channelId === undefined) return undefined;
      const key = channelId === undefined ? method : `${method} ${channelId}`;
      const nowMs = Date.now();
      const recent = (calls.get(key) ?? []).filter((atMs) => nowMs - atMs < 60_000);
      calls.set(key, recent);
      const waitSec = waitOf(key, tier, nowMs);
      if (waitSec !== undefined) over.set(key, (over.get(key) ?? 0) + 1);
      if (waitSec !== undefined && enforced) return waitSec;
      recent.push(nowMs);
      return undefined;
    },
    use() {
      const nowMs = Date.now();
      const result: { [key: string]: TierUse } = {};
      for (const [key, at] of calls) {
        result[key] = { lastMinute: at.filter((atMs) => nowMs - atMs < 60_000).length, over: over.get(key) ?? 0 };
      }
      return result;
    },
  };
}

function waitForToken(
  buckets: Map<string, { tokens: number; atMs: number }>,
  key: string,
  nowMs: number,
): number | undefined {
  const { tokens, atMs } = buckets.get(key) ?? { tokens: channelBurst, atMs: nowMs };
  const refilled = Math.min(channelBurst, tokens + (nowMs - atMs) / 1000);
  const isEmpty = refilled < 1;
  buckets.set(key, { tokens: isEmpty ? refilled : refilled - 1, atMs: nowMs });
  return isEmpty ? 1 : undefined;
}
