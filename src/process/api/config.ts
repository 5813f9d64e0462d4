import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { JsonPath } from "../../core/json-path.ts";
import { marksIn } from "./marks.ts";

/** Where an administration API is. Credentials are sent to this scheme, host and port and nowhere else. */
export const Base = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || (new URL(url).username === "" && new URL(url).password === ""), {
    error: "no user info in the URL; put a reference into a header or a body",
  })
  .refine((url) => !/[?#{}]/.test(url), { error: "scheme, host, port and perhaps a path; nothing else" })
  .describe("where the API is; what is sent to it goes nowhere else, and redirects are not followed");

export const Path = z
  .string()
  .regex(/^\/(?!\/)[\x21-\x22\x24-\x7e]*$/, { error: "a path such as /api/v1/users" })
  .describe("behind `url`, with its query");
const longestMs = 10_000;

/** Who takes over from a worker that was cut off waits as long as one command may take: a request may not take longer. */
export const Timeout = Duration.refine((ms) => ms <= longestMs, {
  error: "at most 10s: whoever takes over from a worker that was cut off waits that long and no longer",
})
  .default(longestMs)
  .describe("of one request; at most 10s");

const Method = z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]);
export const Headers = z
  .record(z.string().regex(/^[\w-]+$/), z.string())
  .describe("a reference (env:NAME, file:...), also as {{env:NAME}} inside, is replaced by its value");
const Status = z.int().min(200).max(599);
const Statuses = z.union([Status, z.array(Status).min(1)]);
export const Body = z
  .union([z.string(), z.record(z.string(), z.json())])
  .describe("an object is sent as JSON; references and {{...}} in its texts are replaced");

/** One request. `method`: without it the one of whoever uses this shape. */
export const Call = z.strictObject({
  method: Method.exactOptional(),
  path: Path,
  headers: Headers.default({}),
  body: Body.exactOptional(),
  success: Statuses.default([200, 201, 202, 204]).describe("any other status is a failure"),
});
export type Call = z.infer<typeof Call>;

const KeptName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/i, "a name of letters, digits and underscores");
const Kept = z.union([
  JsonPath,
  z.string().regex(/^(?:header|cookie):[\w.-]+$/, { error: "a JSON path, header:NAME or cookie:NAME" }),
]);

const Login = Call.extend({
  keep: z
    .record(KeptName, Kept)
    .default({})
    .describe("what later requests need of the answer: a JSON path, header:NAME or cookie:NAME, used as {{name}}"),
});

/** How Keyturn itself is let in: these requests in order, then these headers. Cookies are kept meanwhile. */
export const Admin = z.strictObject({
  login: z.array(Login).default([]).describe("in this order; each may use what those before it have kept"),
  headers: Headers.default({}).describe("of every request that is made as the administrator"),
});
export type Admin = z.infer<typeof Admin>;

type Complain = (path: readonly (string | number)[], message: string) => void;

/** Complains about marks in `admin` that nothing fills, and about kept names that mean something else already. */
export function checkAdmin({ login, headers }: Admin, taken: readonly string[], complain: Complain): void {
  const kept: string[] = [];
  for (const [index, step] of login.entries()) {
    checkMarks([step.headers, step.body], kept, ["admin", "login", index], complain);
    checkMarks(step.path, [], ["admin", "login", index, "path"], complain);
    for (const name of Object.keys(step.keep)) {
      if (kept.includes(name) || taken.includes(name)) {
        complain(["admin", "login", index, "keep", name], `the name ${name} is taken already`);
      }
      kept.push(name);
    }
  }
  checkMarks(headers, kept, ["admin", "headers"], complain);
}

/** Complains unless every `{{...}}` in these texts is a reference or one of `allowed`, as it is or followed by `|url`. */
export function checkMarks(
  texts: unknown,
  allowed: readonly string[],
  path: readonly (string | number)[],
  complain: Complain,
): void {
  for (const mark of marksIn(texts)) {
    const isReference = /^(?:env|file):\S+$/.test(mark) && path.at(-1) !== "path";
    if (isReference || allowed.includes(mark.replace(/\|url$/, ""))) continue;
    complain(path, `nothing fills {{${mark}}} here${allowed.length === 0 ? "" : `; there is ${allowed.join(", ")}`}`);
  }
}

/** The names that the requests of a login keep. */
export function keptNames({ login }: Admin): readonly string[] {
  return login.flatMap(({ keep }) => Object.keys(keep));
}
