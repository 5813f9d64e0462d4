/**
 * A protocol seen as a stream of commands and answers. The parsers hold back only the bytes they need to name a command
 * or an answer; everything else is passed on as it comes, so memory stays bounded whatever the size of a message.
 */
export type Wire = {
  /** A parser for one connection's bytes from the client; the pieces put together are the bytes. */
  readonly requests: () => (chunk: Buffer) => RequestPiece[];
  /** A parser for one connection's bytes from the server; the pieces put together are the bytes. */
  readonly replies: () => (chunk: Buffer) => ReplyPiece[];
  /** Whether answers can no longer be matched to commands on a connection that sent this command (subscriptions). */
  readonly unmatched: (text: string) => boolean;
  /** Whether the answer to this command means that it took no effect although it is not an error. */
  readonly void: (text: string, answer: string) => boolean;
};

export type RequestPiece = {
  readonly bytes: Buffer;
  /** Set when these bytes begin a command: its text, without secrets. */
  readonly command?: string;
  /** The server will answer, once, all commands since the last such piece (none is possible). */
  readonly endsRound?: boolean;
  /** The proxy answers this itself; the bytes are not forwarded. */
  readonly answerWith?: Buffer;
};

export type ReplyPiece = {
  readonly bytes: Buffer;
  /** Set when these bytes say, before the answer ends, that the oldest unanswered round has failed: the error's code. */
  readonly failed?: string;
  /** Set when these bytes answer the oldest unanswered round. */
  readonly outcome?: Outcome;
};

/** `answer`: the error's code, or what kind of answer came (Redis: `OK`, `nil`, `array`; PostgreSQL: the command tag). */
export type Outcome = { readonly accepted: boolean; readonly answer: string };
