import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { postgresWire } from "./postgres.ts";
import { redisWire } from "./redis.ts";
import { sqlText } from "./sql-text.ts";
import type { ReplyPiece, RequestPiece } from "./wire.ts";

/** What a parser made of a stream, independent of how the stream was cut. */
function meaning(pieces: readonly (RequestPiece & ReplyPiece)[]): unknown {
  const marks = pieces.filter(
    (piece) =>
      piece.command !== undefined ||
      piece.outcome !== undefined ||
      piece.endsRound === true ||
      piece.failed !== undefined,
  );
  return {
    bytes: Buffer.concat(pieces.map((piece) => piece.bytes)).toString("latin1"),
    marks: marks.map((piece) => ({ ...piece, bytes: undefined })),
  };
}

/** Parses the stream cut at the given places, and checks that each mark begins where it begins in the whole stream. */
function parsed(
  parser: () => (chunk: Buffer) => (RequestPiece & ReplyPiece)[],
  stream: Buffer,
  cuts: readonly number[],
) {
  const feed = parser();
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  const pieces = places.slice(1).flatMap((end, index) => feed(stream.subarray(places[index] ?? 0, end)));
  let offset = 0;
  const starts: number[] = [];
  for (const piece of pieces) {
    if (piece.command !== undefined || piece.outcome !== undefined) starts.push(offset);
    offset += piece.bytes.length;
  }
  return { meaning: meaning(pieces), starts };
}

function message(kind: string, body: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt32BE(4 + Buffer.byteLength(body));
  return Buffer.concat([Buffer.from(kind), head, Buffer.from(body)]);
}

function untyped(code: number, body: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + Buffer.byteLength(body));
  head.writeInt32BE(code, 4);
  return Buffer.concat([head, Buffer.from(body)]);
}

function resp(...words: readonly string[]): Buffer {
  return Buffer.from(
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`,
  );
}

const redisSent = Buffer.concat([
  resp("SET", "key", "a\r\n*1\r\n$4\r\nPING\r\n"),
  Buffer.from("PING\r\n\r\n*0\r\n"),
  resp("AUTH", "secret"),
  resp("EVAL", "x".repeat(5000), "0", ""),
  resp("ACL", "SETUSER", "app", ">secret"),
  resp("QUIT"),
]);
const redisAnswered = Buffer.from(
  "+OK\r\n$5\r\na\r\nbc\r\n*2\r\n$-1\r\n*1\r\n:1\r\n-WRONGPASS no\r\n>2\r\n+push\r\n+x\r\n%1\r\n+a\r\n*0\r\n" +
    "|1\r\n+ttl\r\n:1\r\n$0\r\n\r\n*-1\r\n_\r\n#t\r\n,1.5\r\n!3\r\nERR\r\n=7\r\ntxt:abc\r\n~1\r\n:1\r\n" +
    `-ERR ${"long ".repeat(100)}\r\n`,
);
const postgresSent = Buffer.concat([
  untyped(80_877_103, ""),
  untyped(196_608, "user\0app\0database\0shop\0\0"),
  message("p", "proof"),
  message("Q", "ALTER ROLE app PASSWORD 'secret'\0"),
  message("P", "s1\0INSERT INTO t VALUES ($1)\0\0\0"),
  message("B", "\0s1\0\0\0\0\0"),
  message("E", "\0\0\0\0\0"),
  message("B", "\0s1\0\0\0\0\0"),
  message("E", "\0\0\0\0\0"),
  message("S", ""),
  message("Q", `SELECT '${"x".repeat(20_000)}'\0`),
  message("X", ""),
]);
const postgresAnswered = Buffer.concat([
  message("R", "\0\0\0\0"),
  message("Z", "I"),
  message("C", "ALTER ROLE\0"),
  message("Z", "I"),
  message("1", ""),
  message("E", "SERROR\0VERROR\0C23505\0Mduplicate\0\0"),
  message("Z", "I"),
  message("D", "y".repeat(20_000)),
  message("C", "SELECT 1\0"),
  message("Z", "I"),
]);

const streams = [
  [
    "what a Redis client sends",
    redisWire.requests,
    redisSent,
    ["SET key", "PING", "AUTH", `EVAL ${"x".repeat(64)}`, "ACL SETUSER app", "QUIT"],
  ],
  [
    "what a PostgreSQL client sends",
    postgresWire.requests,
    postgresSent,
    [
      "login app",
      "ALTER ROLE app PASSWORD '?'",
      "INSERT INTO t VALUES ($1)",
      "INSERT INTO t VALUES ($1)",
      "SELECT '?'",
    ],
  ],
  [
    "what Redis answers",
    redisWire.replies,
    redisAnswered,
    [
      "OK",
      "string",
      "array",
      "WRONGPASS",
      "array",
      "string",
      "nil",
      "nil",
      "number",
      "number",
      "error",
      "string",
      "array",
      "ERR",
    ],
  ],
  ["what PostgreSQL answers", postgresWire.replies, postgresAnswered, ["", "ALTER ROLE", "23505", "SELECT 1"]],
] as const;

describe.each(streams)("the parser of %s", (_, parser, stream, expected) => {
  it("finds the same commands or answers at the same places, however the bytes are cut", () => {
    const whole = parsed(parser, stream, []);
    const names = parser()(stream).flatMap(
      (piece: RequestPiece & ReplyPiece) => piece.command ?? piece.outcome?.answer ?? [],
    );
    expect(names).toEqual(expected);
    expect(parsed(parser, stream, [...stream.keys()])).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 40 }), (cuts) => {
        expect(parsed(parser, stream, cuts)).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });
});

describe("memory of the parsers", () => {
  const megabyte = Buffer.alloc(1_000_000, "z");
  const headOfMessage = (kind: string): Buffer => {
    const head = Buffer.alloc(5);
    head.write(kind, "latin1");
    head.writeInt32BE(900_000_000, 1);
    return head;
  };
  const startup = untyped(196_608, "user\0app\0\0");

  it.each([
    ["a huge Redis value", redisWire.requests(), Buffer.from("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$900000000\r\n")],
    ["a huge Redis key", redisWire.requests(), Buffer.from("*2\r\n$3\r\nGET\r\n$900000000\r\n")],
    ["a huge Redis answer", redisWire.replies(), Buffer.from("$900000000\r\n")],
    ["a huge statement", postgresWire.requests(), Buffer.concat([startup, headOfMessage("Q")])],
    ["a huge parameter", postgresWire.requests(), Buffer.concat([startup, headOfMessage("B")])],
    ["a huge row", postgresWire.replies(), headOfMessage("D")],
  ])("passes %s on as it comes", (_, feed: (chunk: Buffer) => (RequestPiece & ReplyPiece)[], head) => {
    let received = feed(head).reduce((sum, piece) => sum + piece.bytes.length, 0) - head.length;
    for (let sent = megabyte.length; sent <= 20 * megabyte.length; sent += megabyte.length) {
      received += feed(megabyte).reduce((sum, piece) => sum + piece.bytes.length, 0);
      expect(sent - received).toBe(0);
    }
  });
});

describe("the text of a statement", () => {
  it.each([
    ["SELECT 1", "SELECT 1"],
    ["SELECT 'a''b', $1", "SELECT '?', $1"],
    ["-- don't\nALTER ROLE x PASSWORD 'secret'", "ALTER ROLE x PASSWORD '?'"],
    ["/* it's */ ALTER ROLE x PASSWORD 'secret'", "ALTER ROLE x PASSWORD '?'"],
    [`ALTER ROLE "o'brien" PASSWORD 'secret'`, `ALTER ROLE "o'brien" PASSWORD '?'`],
    ["SELECT E'it\\'s secret'", "SELECT '?'"],
    ["SELECT $tag$ it's $$ secret $tag$, 'x'", "SELECT '?', '?'"],
    ["SELECT 'unfinished secret", "SELECT '?'"],
  ])("%s", (sql, text) => {
    expect(sqlText(sql)).toBe(text);
  });
});
