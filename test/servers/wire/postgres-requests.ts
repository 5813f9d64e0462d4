import { type MessageHead, messages, strings } from "./messages.ts";
import { sqlLimit, sqlText } from "./sql-text.ts";
import type { RequestPiece } from "./wire.ts";

const startupLimit = 10_000;
const sslRequest = 80_877_103;
const gssRequest = 80_877_104;
const cancelRequest = 80_877_102;

const kept = new Map([
  ["", startupLimit],
  ["Q", sqlLimit],
  ["P", sqlLimit],
  ["B", 512],
  ["E", 512],
]);

/**
 * Splits what a PostgreSQL client sends. Commands are: the login, each simple query, each Execute (with the text of the
 * statement it runs, so that a statement prepared once and run ten times is ten commands), and function calls.
 */
export function postgresRequests(): (chunk: Buffer) => RequestPiece[] {
  const statements = new Map<string, string>();
  const portals = new Map<string, string>();
  let started = false;
  let pieces: RequestPiece[] = [];

  const namePiece = (head: MessageHead): Omit<RequestPiece, "bytes"> => {
    const [first = "", second = ""] = strings(head.body);
    switch (head.kind) {
      case "":
        return firstMessage(head.body, () => {
          started = true;
        });
      case "P":
        statements.set(first, sqlText(second));
        return {};
      case "B":
        portals.set(first, statements.get(second) ?? "");
        return {};
      case "E":
        return { command: portals.get(first) ?? "" };
      case "Q":
        return { command: sqlText(first), endsRound: true };
      case "F":
        return { command: "function call", endsRound: true };
      case "S":
        return { endsRound: true };
      default:
        return {};
    }
  };
  const feed = messages(
    (kind) => kept.get(kind) ?? 0,
    () => !started,
    ({ bytes, head }) => pieces.push(head === undefined ? { bytes } : { bytes, ...namePiece(head) }),
  );
  return (chunk) => {
    pieces = [];
    feed(chunk);
    return pieces;
  };
}

/** The proxy declines encryption itself, so that it can read what follows; a cancel request is not answered at all. */
function firstMessage(body: Buffer, onLogin: () => void): Omit<RequestPiece, "bytes"> {
  const code = body.readInt32BE(0);
  if (code === sslRequest || code === gssRequest) return { answerWith: Buffer.from("N") };
  if (code === cancelRequest) return {};
  onLogin();
  const fields = strings(body.subarray(4));
  const user = fields[fields.indexOf("user") + 1] ?? "";
  return { command: `login ${user}`, endsRound: true };
}
