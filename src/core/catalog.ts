import type { Policy } from "./policy.ts";
import type { Entry, Target } from "./target.ts";

/** The user's file, read and found to be without a mistake. Groups and channels are still names; resolving them is the bot's. */
export type Catalog = {
  readonly version: 1;
  /** Made by the demo: only then may the Slack address be a loopback one. */
  readonly demo: boolean;
  readonly file: string;
  /** SHA-256 (hex) of what the file means: comments, order of keys and layout do not change it. */
  readonly digest: string;
  readonly connections: Readonly<Record<string, Entry>>;
  readonly policies: Readonly<Record<string, Policy>>;
  readonly targets: readonly Target[];
  /** Groups that are a reviewed list of user ids instead of a user group of Slack, by "@name". */
  readonly groups: Readonly<Record<string, readonly string[]>>;
};
