import type { App } from "@slack/bolt";
import type { Desk } from "../core/desk.ts";
import type { Log } from "../core/engine-ports.ts";

/** What administrators change in the workspace, as Slack's events tell it. All may be told twice. */
export type Changes = {
  /** Who is in a group, or who this person is: what was kept for display is dropped, cards that wait for votes are shown anew. */
  readonly people: (who: { readonly group: string } | { readonly user: string }) => Promise<void>;
  /** A channel now is shared with another company. */
  readonly shared: (channel: string) => Promise<void>;
  /** Slack will not listen to this app any more. */
  readonly cutOff: (sentence: string) => Promise<void>;
};

/** What every handler is given. Handlers parse, ask the desk, render; they decide nothing. */
export type HandlerDeps = {
  readonly desk: Desk;
  /** Remembers an interaction, for all processes. False: it was seen before. */
  readonly firstTime: (key: string) => Promise<boolean>;
  /** The pinned workspace; a payload of another one is refused. */
  readonly team: string;
  /** Where the messages of a rotation hang. Undefined: nothing was posted yet. */
  readonly threadOf: (rotationId: string) => Promise<{ readonly channel: string; readonly ts: string } | undefined>;
  readonly changes: Changes;
  readonly log: Log;
};

export type BoltApp = App;
export type SlackClient = App["client"];
export type Register = (app: BoltApp, deps: HandlerDeps) => void;
