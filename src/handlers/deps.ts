import type { App } from "@slack/bolt";
import type { Desk } from "../core/desk.ts";
import type { Log } from "../core/engine-ports.ts";

/** What every handler is given. Handlers parse, ask the desk, render; they decide nothing. */
export type HandlerDeps = {
  readonly desk: Desk;
  /** Remembers an interaction, for all processes. False: it was seen before. */
  readonly firstTime: (key: string) => Promise<boolean>;
  /** The pinned workspace; a payload of another one is refused. */
  readonly team: string;
  /** Where the messages of a rotation hang. Undefined: nothing was posted yet. */
  readonly threadOf: (rotationId: string) => Promise<{ readonly channel: string; readonly ts: string } | undefined>;
  readonly log: Log;
};

export type BoltApp = App;
export type SlackClient = App["client"];
export type Register = (app: BoltApp, deps: HandlerDeps) => void;
