import type { Outcome, ReplyPiece } from "./wire.ts";

/** How much of a line is kept: enough for an error's code or a length. */
const lineLimit = 128;

/** What is known of the answer that is being read. */
type Reading = { line: string; valuesLeft: number; bulkBytesLeft: number; announced: boolean };

/** Splits what a Redis server sends (RESP2 and RESP3) into answers; pushes and attributes are no answers. */
export function redisReplies(): (chunk: Buffer) => ReplyPiece[] {
  let reading = newReading();
  let held: Buffer[] = [];
  return (chunk) => {
    const pieces: ReplyPiece[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      at = reading.bulkBytesLeft > 0 ? skipBulk(reading, chunk, at) : keepLine(reading, chunk, at);
      const lineEnded = reading.bulkBytesLeft === 0 && reading.line.endsWith("\n");
      if (!reading.announced && (lineEnded || reading.line.length >= lineLimit)) {
        const bytes = Buffer.concat([...held, chunk.subarray(from, at)]);
        const answers = !/^[>|]/.test(reading.line);
        pieces.push(answers ? { bytes, outcome: outcomeOf(reading.line) } : { bytes });
        reading.announced = true;
        held = [];
        from = at;
      }
      if (lineEnded) count(reading);
      if (reading.valuesLeft === 0 && reading.bulkBytesLeft === 0) {
        if (at > from) pieces.push({ bytes: chunk.subarray(from, at) });
        reading = newReading();
        from = at;
      }
    }
    const rest = chunk.subarray(from);
    if (rest.length > 0 && reading.announced) pieces.push({ bytes: rest });
    else if (rest.length > 0) held.push(rest);
    return pieces;
  };
}

function newReading(): Reading {
  return { line: "", valuesLeft: 1, bulkBytesLeft: 0, announced: false };
}

function skipBulk(reading: Reading, chunk: Buffer, at: number): number {
  const end = Math.min(chunk.length, at + reading.bulkBytesLeft);
  reading.bulkBytesLeft -= end - at;
  return end;
}

/** Keeps the first characters of the line, and its newline as the sign that it is complete. */
function keepLine(reading: Reading, chunk: Buffer, at: number): number {
  const newline = chunk.indexOf(10, at);
  const end = newline === -1 ? chunk.length : newline + 1;
  reading.line = (reading.line + chunk.toString("latin1", at, Math.min(end, at + lineLimit))).slice(0, lineLimit);
  if (newline !== -1 && !reading.line.endsWith("\n")) reading.line = `${reading.line.slice(0, lineLimit - 1)}\n`;
  return end;
}

/** Takes a complete line's value off the count and adds what it contains. */
function count(reading: Reading): void {
  const kind = reading.line.charAt(0);
  const length = Math.max(-1, Number.parseInt(reading.line.slice(1), 10));
  reading.line = "";
  reading.valuesLeft -= 1;
  if ("*~>".includes(kind)) reading.valuesLeft += Math.max(0, length);
  if ("%|".includes(kind)) reading.valuesLeft += 2 * Math.max(0, length);
  if ("$=!".includes(kind) && length >= 0) reading.bulkBytesLeft = length + 2;
}

const kinds = new Map([
  ["*", "array"],
  ["~", "array"],
  ["%", "array"],
  ["$", "string"],
  ["=", "string"],
  ["_", "nil"],
  ["!", "error"],
]);

function outcomeOf(line: string): Outcome {
  const kind = line.charAt(0);
  const word = line.slice(1).trimEnd().split(" ", 1)[0] ?? "";
  if (kind === "-") return { accepted: false, answer: word };
  if (kind === "+") return { accepted: true, answer: word };
  if ((kind === "*" || kind === "$") && word === "-1") return { accepted: true, answer: "nil" };
  return { accepted: kind !== "!", answer: kinds.get(kind) ?? "number" };
}
