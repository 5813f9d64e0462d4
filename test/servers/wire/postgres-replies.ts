import { type MessageHead, messages, strings } from "./messages.ts";
import type { ReplyPiece } from "./wire.ts";

const kept = new Map([
  ["C", 64],
  ["E", 1024],
  ["Z", 1],
]);

/**
 * Splits what a PostgreSQL server sends. The answer to a round is ReadyForQuery, which comes after the commit; an error
 * on the way means that the whole round took no effect. A refused login is answered by the error itself.
 */
export function postgresReplies(): (chunk: Buffer) => ReplyPiece[] {
  let ready = false;
  let errorCode: string | undefined;
  let tag = "";
  let pieces: ReplyPiece[] = [];

  const outcomePiece = (head: MessageHead): Omit<ReplyPiece, "bytes"> => {
    if (head.kind === "C") tag = strings(head.body)[0] ?? "";
    if (head.kind === "E") errorCode = sqlState(head.body);
    if (head.kind === "E" && ready && errorCode !== undefined) return { failed: errorCode };
    if (head.kind !== "Z" && head.kind !== "E") return {};
    const outcome = { accepted: errorCode === undefined, answer: errorCode ?? tag };
    ready = true;
    errorCode = undefined;
    tag = "";
    return { outcome };
  };
  const feed = messages(
    (kind) => kept.get(kind) ?? 0,
    () => false,
    ({ bytes, head }) => pieces.push(head === undefined ? { bytes } : { bytes, ...outcomePiece(head) }),
  );
  return (chunk) => {
    pieces = [];
    feed(chunk);
    return pieces;
  };
}

function sqlState(body: Buffer): string {
  const field = strings(body).find((candidate) => candidate.startsWith("C"));
  return field?.slice(1) ?? "error";
}
