import type { ManifestShortcut } from "./manifest.ts";
import type { WorkspaceSeed } from "./seed.ts";

/** How {@link startWorkspace} sets a workspace up. Everything but the seed has a default. */
export interface WorkspaceOptions {
  readonly seed: WorkspaceSeed;
  /** Loopback port; 0 or absent takes a free one. */
  readonly port?: number;
  /** The page's token; absent: random. */
  readonly token?: string;
  readonly botToken?: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  /** Bot scopes, as in the manifest; a method outside them answers `missing_scope`. */
  readonly manifestScopes?: readonly string[];
  /** Bot events, as in the manifest; others are never sent. */
  readonly manifestEvents?: readonly string[];
  readonly manifestShortcuts?: readonly ManifestShortcut[];
  /** HTTP mode: signed requests go to this URL instead of the sockets. A function is asked at each delivery. */
  readonly deliverTo?: string | (() => string);
  readonly timing?: Partial<Timing>;
}

/** The platform's clocks, in milliseconds, so that tests can shorten what people would wait for. */
export interface Timing {
  /** Time to acknowledge a command, a press, a submission, an event (3 s). */
  readonly ackMs: number;
  /** Life of a trigger_id (3 s). */
  readonly triggerMs: number;
  /** Life of a response_url (30 min). */
  readonly responseUrlMs: number;
  /** Pauses before the retries of an event that was not acknowledged (at once, 1 min, 5 min). */
  readonly eventRetriesMs: readonly number[];
}

export const slackTiming: Timing = {
  ackMs: 3_000,
  triggerMs: 3_000,
  responseUrlMs: 30 * 60_000,
  eventRetriesMs: [0, 60_000, 300_000],
};
