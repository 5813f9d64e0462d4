import type { Outcome, Wire } from "./wire.ts";

/** One command as seen on the wire. Times are when its first bytes reached the proxy, ISO 8601 UTC. */
export type WireCommand = {
  /** From 0, over all connections, in order of arrival; starts again after reset(). */
  readonly index: number;
  /** From 0, in order of connecting. */
  readonly connection: number;
  /** Redis: name, subcommand, first argument. PostgreSQL: `login <user>` or the statement with `'?'` for literals. */
  readonly text: string;
  readonly sentAt: string;
  /** Whether its bytes were passed to the server. */
  readonly forwarded: boolean;
  /**
   * Whether the server did it: answered without an error, and not with a void (EXEC: nil, COMMIT: ROLLBACK). Undefined
   * while there is no answer, or when the connection ended before it. What MULTI queues is accepted when queued, what a
   * transaction does when executed: look at its EXEC or COMMIT too.
   */
  readonly accepted: boolean | undefined;
  /** The error's code, or what kind of answer came; undefined as above. */
  readonly answer: string | undefined;
};

/** The log's own, growing record of a command. */
export type Entry = { -readonly [Key in keyof WireCommand]: WireCommand[Key] };

export type CommandLog = {
  add(connection: number, text: string): Entry;
  commands(): WireCommand[];
  reset(): void;
};

/** Remembers the commands of one proxy until reset(). */
export function commandLog(): CommandLog {
  let entries: Entry[] = [];
  return {
    add: (connection, text) => {
      const sentAt = new Date().toISOString();
      const index = entries.length;
      const entry = { index, connection, text, sentAt, forwarded: false, accepted: undefined, answer: undefined };
      entries.push(entry);
      return entry;
    },
    commands: () => entries.map((entry) => ({ ...entry })),
    reset: () => {
      entries = [];
    },
  };
}

/** Writes the server's answer into the commands that it answers. */
export function settle(entries: readonly Entry[], outcome: Outcome, wire: Wire): void {
  for (const entry of entries) {
    entry.answer = outcome.answer;
    entry.accepted = outcome.accepted && !wire.void(entry.text, outcome.answer);
  }
}
