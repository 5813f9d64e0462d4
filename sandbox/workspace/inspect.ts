import type { Envelope } from "./deliver.ts";
import type { Tiers, TierUse } from "./tiers.ts";
import { type ApiCall, type Message, threadOf, type View, type World } from "./world.ts";

/** What tests and the demo may look at. Messages are live objects: copy them to compare later. */
export interface Inspect {
  /** Top-level messages of a channel, oldest first, without ephemeral ones. */
  messages(channelId: string): readonly Message[];
  /** The parent and its replies. */
  thread(channelId: string, ts: string): readonly Message[];
  /** What only this user sees, oldest first. */
  ephemerals(userId: string): readonly Message[];
  /** Open modals of a user, the visible one last. */
  views(userId: string): readonly View[];
  /** The user's Home tab, once published. */
  home(userId: string): View | undefined;
  /** Every Web API call and response_url use, in order; tokens are masked. */
  apiCalls(): readonly ApiCall[];
  /** Every payload sent to the app, in order (retries and duplicates are not listed again). */
  sent(): readonly Envelope[];
  /** Sockets that are connected now. */
  connections(): number;
  /** Use of the rate-limit tiers, by method (and channel for chat.postMessage). */
  tiers(): { readonly [key: string]: TierUse };
  /**
   * Resolves with the first value of `predicate` that is not undefined and not false; it is asked at every change.
   * Rejects after `timeoutMs` (default 5000) with `what` in the message.
   */
  waitFor<T>(predicate: () => T | undefined | false, timeoutMs?: number, what?: string): Promise<T>;
}

export function createInspect(
  world: World,
  tiers: Tiers,
  sent: readonly Envelope[],
  connections: () => number,
): Inspect {
  return {
    messages: (channelId) => world.messages.filter((m) => m.channelId === channelId && m.threadTs === undefined),
    thread: (channelId, ts) => threadOf(world, channelId, ts),
    ephemerals: (userId) => world.ephemerals.filter((message) => message.ephemeralTo === userId),
    views: (userId) => world.views.get(userId) ?? [],
    home: (userId) => world.homes.get(userId),
    apiCalls: () => world.calls,
    sent: () => sent,
    connections,
    tiers: () => tiers.use(),
    waitFor: (predicate, timeoutMs = 5_000, what = "what was waited for") =>
      new Promise((resolve, reject) => {
        let end = (): void => undefined;
        const look = () => {
          try {
            const value = predicate();
            if (value === undefined || value === false) return false;
            end();
            resolve(value);
            return true;
          } catch (error) {
            end();
            reject(error);
            return true;
          }
        };
        if (look()) return;
        const poll = setInterval(look, 50);
        const timer = setTimeout(() => {
          end();
          reject(new Error(`${what} did not happen within ${timeoutMs} ms`));
        }, timeoutMs);
        const unsubscribe = world.onChange(look);
        end = () => {
          clearInterval(poll);
          clearTimeout(timer);
          unsubscribe();
        };
      }),
  };
}
