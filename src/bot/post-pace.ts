/** When the next post to a channel may leave. `later`: not within our patience; nothing is reserved, ask again after that. */
export type Turn =
  | { readonly kind: "go"; readonly inMs: number }
  | { readonly kind: "later"; readonly afterMs: number };

export type Pace = {
  /** Takes the channel's next free moment. */
  readonly turn: (channel: string) => Turn;
  /** Slack asked to wait: nothing leaves for this channel before. */
  readonly hush: (channel: string, forMs: number) => void;
};

/** Slack takes about one message a second in a channel, and a few at once (reference: chat.postMessage, "special"). */
const everyMs = 1_100;
const burst = 3;
/** A job waits this long for its turn and no longer, so that a full channel does not keep the others' threads waiting. */
const patienceMs = 3_000;

/**
 * Spaces the posts of this process, channel by channel, so that a burst of many rotations waits here instead of being
 * refused there. What several processes send together too fast is Slack's 429 to say. Presses do not pass through it.
 */
export function openPace(monotonicMs: () => number): Pace {
  /** When the channel will have taken all that was let go, at one post in `everyMs`. */
  const busyUntil = new Map<string, number>();
  return {
    turn: (channel) => {
      const nowMs = monotonicMs();
      const untilMs = Math.max(busyUntil.get(channel) ?? 0, nowMs);
      const inMs = Math.max(0, untilMs - (burst - 1) * everyMs - nowMs);
      if (inMs > patienceMs) {
        return { kind: "later", afterMs: Math.ceil(inMs) };
      }
      busyUntil.set(channel, untilMs + everyMs);
      return { kind: "go", inMs };
    },
    hush: (channel, forMs) => {
      const untilMs = monotonicMs() + forMs + (burst - 1) * everyMs;
      busyUntil.set(channel, Math.max(busyUntil.get(channel) ?? 0, untilMs));
    },
  };
}
