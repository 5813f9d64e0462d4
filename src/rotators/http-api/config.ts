import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { JsonPath } from "../../core/json-path.ts";
import {
  Admin,
  Base,
  Body,
  Call,
  checkAdmin,
  checkMarks,
  Headers,
  keptNames,
  Path,
  Timeout,
} from "../../process/api/config.ts";
import { marksIn } from "../../process/api/marks.ts";
import { listed, Method, Statuses, Url } from "../probes/config.ts";

const Find = Call.extend({
  list: JsonPath.default("$").describe(
    "where the answer has the users; one user that is no list counts as a list of one",
  ),
  match: JsonPath.default("$.username").describe("where each of them has its name; it must be the same to the letter"),
  id: JsonPath.default("$.id").describe("where it has what the other requests use as {{id}}"),
}).describe("a request that changes nothing and finds the user; {{username}} may stand in its path");

const Set = Call.extend({
  method: Call.shape.method.unwrap().default("PUT"),
  body: Body,
  read: z
    .strictObject({
      path: Path,
      object: JsonPath.default("$").describe("where the answer has the object"),
      send: z.array(z.string().min(1)).min(1).exactOptional().describe("the members that are sent back; default: all"),
    })
    .exactOptional()
    .describe(
      "for an API that takes whole objects only: it is read first, `body` is merged into it, and an ETag is sent back as If-Match",
    ),
}).describe(
  "the request that sets the password; {{id}} and {{username}} may stand in its path, {{password}} in its body",
);

const Test = z.strictObject({
  path: Path.exactOptional(),
  urls: z
    .array(Url)
    .min(1)
    .exactOptional()
    .describe("instead of `path`: several instances, by whole addresses, that are asked alike"),
  method: Method.default("POST"),
  headers: Headers.default({}),
  body: Body.exactOptional(),
  accepted: Statuses.default(200).describe("how it answers to a password that works"),
  refused: Statuses.default(401).describe("how it answers to one that does not; nothing else is a refusal"),
});

/** The `rotator:` entry of an `http-api` target. */
export const Config = z
  .strictObject({
    kind: z.literal("http-api"),
    url: Base,
    username: z.string().min(1).max(200).describe("the user whose password is rotated"),
    admin: Admin,
    find: Find.exactOptional(),
    set: Set,
    test: Test.describe("a login that only the password lets in, and that changes nothing"),
    password: z
      .strictObject({
        length: z.int().min(16).max(128).default(32),
        classes: z
          .array(z.enum(["lower", "upper", "digit", "symbol"]))
          .default(["lower", "upper", "digit"])
          .describe("at least one character of each, as far as templates and stores carry them"),
        symbols: z
          .string()
          .regex(/^[!-/:-@[-`{-~]+$/, "printable characters that are neither letters nor digits")
          .exactOptional()
          .describe("which characters the application counts as symbols (default -_.~); others are not in a new one"),
        deny: z
          .array(z.string().min(1))
          .default(["admin", "password", "changeme", "default", "secret"])
          .describe("words that a new one never holds, in any case; a current one that is made of them is pointed out"),
      })
      .prefault({}),
    usableWithin: Duration.default(10_000).describe("how long the new one may be refused at first"),
    deadWithin: Duration.default(10_000).describe("how long the old one may still be accepted"),
    timeout: Timeout,
  })
  .superRefine((config, context) => {
    const complain = (path: readonly (string | number)[], message: string): void =>
      context.addIssue({ code: "custom", path: [...path], message });
    const { admin, find, set, test } = config;
    const kept = keptNames(admin);
    checkAdmin(admin, ["id", "username", "password", "basic"], complain);
    if (find !== undefined) {
      checkMarks(find.path, ["username"], ["find", "path"], complain);
      checkMarks([find.headers, find.body], [...kept, "username"], ["find"], complain);
    }
    const names = find === undefined ? ["username"] : ["username", "id"];
    checkMarks(set.path, names, ["set", "path"], complain);
    checkMarks(set.read?.path, names, ["set", "read", "path"], complain);
    checkMarks([set.headers, set.body], [...kept, ...names, "password"], ["set"], complain);
    checkMarks(test.path, [], ["test", "path"], complain);
    checkMarks([test.headers, test.body], ["username", "password", "basic"], ["test"], complain);
    if (!shows(set.body, ["password"])) complain(["set", "body"], "the body does not hold {{password}}");
    if (set.read !== undefined && typeof set.body === "string") {
      complain(["set", "body"], "an object, to be merged into what was read");
    }
    if (!shows([test.headers, test.body], ["password", "basic"])) {
      complain(["test"], "the request does not present {{password}} or {{basic}}");
    }
    if ((test.path === undefined) === (test.urls === undefined)) complain(["test"], "give either path or urls");
    if (listed(test.accepted).some((status) => listed(test.refused).includes(status))) {
      complain(["test", "refused"], "a status cannot mean accepted and refused");
    }
  });
export type Config = z.infer<typeof Config>;

/** Where a password is tried. */
export function testUrls({ url, test }: Config): readonly string[] {
  return test.urls ?? [`${url.replace(/\/$/, "")}${test.path ?? ""}`];
}

function shows(texts: unknown, names: readonly string[]): boolean {
  return marksIn(texts).some((mark) => names.includes(mark.replace(/\|url$/, "")));
}
