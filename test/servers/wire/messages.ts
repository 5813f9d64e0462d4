/** One message of PostgreSQL's protocol, as far as it was asked for. */
export type MessageHead = {
  /** One letter; empty for the client's first messages, which have none. */
  readonly kind: string;
  /** The first bytes of the body. */
  readonly body: Buffer;
};

export type MessagePiece = { readonly bytes: Buffer; readonly head?: MessageHead };

/**
 * Splits a stream of length-prefixed messages. A message is held until its head and the first `keep(kind)` bytes of its
 * body are there (0: pass it on at once); the rest follows in pieces without a head. `untyped` says whether the next
 * message has no letter.
 */
export function messages(
  keep: (kind: string) => number,
  untyped: () => boolean,
  onPiece: (piece: MessagePiece) => void,
): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  let bodyLeft = 0;
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (bodyLeft > 0) {
        const part = rest.subarray(0, bodyLeft);
        bodyLeft -= part.length;
        rest = rest.subarray(part.length);
        onPiece({ bytes: part });
        continue;
      }
      const seen = held.length === 0 ? rest : Buffer.concat([held, rest]);
      const start = untyped() ? 0 : 1;
      const bodyAt = start + 4;
      const length = seen.length < bodyAt ? undefined : seen.readInt32BE(start) - 4;
      const kind = start === 0 ? "" : seen.toString("latin1", 0, 1);
      if (length !== undefined && length < 0) throw new Error("a PostgreSQL message has a negative length");
      const wanted = length === undefined ? undefined : bodyAt + Math.min(length, keep(kind));
      if (length === undefined || wanted === undefined || seen.length < wanted) {
        held = Buffer.from(seen);
        return;
      }
      held = Buffer.alloc(0);
      bodyLeft = bodyAt + length - wanted;
      rest = seen.subarray(wanted);
      onPiece({ bytes: seen.subarray(0, wanted), head: { kind, body: seen.subarray(bodyAt, wanted) } });
    }
  };
}

/** The first zero-terminated strings of a body; an unfinished last one counts. */
export function strings(body: Buffer): string[] {
  return body.toString("utf8").split("\0");
}
