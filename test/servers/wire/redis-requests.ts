import { argumentLimit, redisText, wordsShown } from "./redis-text.ts";
import type { RequestPiece } from "./wire.ts";

const lineLimit = 64 * 1024;

/** What is known of the command that is being read. */
type Reading = {
  line: string;
  /** Undefined until the `*count` line has been read. */
  wordCount: number | undefined;
  wordsLeft: number;
  words: string[];
  /** Bytes of the current word that are still to come, its CRLF included; 0 while a line is read. */
  wordBytesLeft: number;
  /** Bytes of the current word that are still to be kept. */
  keepLeft: number;
  announced: boolean;
  ended: boolean;
};

/** Splits what a Redis client sends (arrays of bulk strings, or inline commands) into commands. */
export function redisRequests(): (chunk: Buffer) => RequestPiece[] {
  let reading = newReading();
  let held: Buffer[] = [];
  return (chunk) => {
    const pieces: RequestPiece[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      at = reading.wordBytesLeft > 0 ? readWord(reading, chunk, at) : readLine(reading, chunk, at);
      if (!reading.announced && nameKnown(reading)) {
        const bytes = Buffer.concat([...held, chunk.subarray(from, at)]);
        pieces.push({ bytes, command: redisText(reading.words, reading.wordCount ?? 0), endsRound: true });
        reading.announced = true;
        held = [];
        from = at;
      }
      if (reading.ended) {
        const rest = Buffer.concat([...held, chunk.subarray(from, at)]);
        if (rest.length > 0) pieces.push({ bytes: rest });
        reading = newReading();
        held = [];
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
  return {
    line: "",
    wordCount: undefined,
    wordsLeft: 0,
    words: [],
    wordBytesLeft: 0,
    keepLeft: 0,
    announced: false,
    ended: false,
  };
}

function readLine(reading: Reading, chunk: Buffer, at: number): number {
  const newline = chunk.indexOf(10, at);
  const end = newline === -1 ? chunk.length : newline + 1;
  reading.line += chunk.toString("latin1", at, end);
  if (reading.line.length > lineLimit) throw new Error("a line of the Redis protocol is longer than 64 KiB");
  if (newline !== -1) {
    const line = reading.line.trimEnd();
    reading.line = "";
    if (reading.wordCount === undefined) startCommand(reading, line);
    else startWord(reading, Number(line.slice(1)));
  }
  return end;
}

function startCommand(reading: Reading, line: string): void {
  if (line.startsWith("*")) {
    reading.wordCount = Math.max(0, Number(line.slice(1)));
    reading.wordsLeft = reading.wordCount;
  } else {
    reading.words = line.split(/\s+/).filter((word) => word.length > 0);
    reading.wordCount = reading.words.length;
  }
  reading.ended = reading.wordsLeft === 0;
}

function startWord(reading: Reading, length: number): void {
  reading.words.push("");
  reading.wordBytesLeft = length + 2;
  reading.keepLeft = Math.min(length, argumentLimit);
}

function readWord(reading: Reading, chunk: Buffer, at: number): number {
  const wanted = reading.announced || reading.keepLeft === 0 ? reading.wordBytesLeft : reading.keepLeft;
  const end = Math.min(chunk.length, at + wanted);
  const kept = Math.min(reading.keepLeft, end - at);
  if (!reading.announced) reading.words.push((reading.words.pop() ?? "") + chunk.toString("latin1", at, at + kept));
  reading.keepLeft -= kept;
  reading.wordBytesLeft -= end - at;
  if (reading.wordBytesLeft === 0) {
    reading.wordsLeft -= 1;
    reading.ended = reading.wordsLeft === 0;
  }
  return end;
}

/** An empty command (`*0`, an empty line) has no name and no answer. */
function nameKnown(reading: Reading): boolean {
  const { wordCount, words, keepLeft } = reading;
  const name = words[0];
  if (wordCount === undefined || wordCount === 0 || name === undefined || keepLeft > 0) return false;
  const cut = (words.at(-1)?.length ?? 0) >= argumentLimit;
  return reading.ended || cut || words.length >= wordsShown(name, wordCount);
}
