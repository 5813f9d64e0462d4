import { z } from "zod";
import { JsonPath } from "../../core/json-path.ts";
import { Admin, Base, Body, Call, checkAdmin, checkMarks, Headers, Path, Timeout } from "../../process/api/config.ts";
import { marksIn } from "../../process/api/marks.ts";

const Read = z.strictObject({
  path: Path,
  headers: Headers.default({}),
  object: JsonPath.default("$").describe("where the answer has the object that is kept in the application"),
  values: z
    .record(z.string().min(1), JsonPath)
    .exactOptional()
    .describe("by key: where the object shows what it really holds. Leave it out where values are masked or left out"),
  etag: z
    .boolean()
    .default(false)
    .describe("the answer has an ETag, and a write with If-Match of an old one is refused"),
});

const Write = Call.extend({
  method: Call.shape.method.unwrap().default("PUT"),
  body: Body.exactOptional().describe(
    "{{KEY}} stands for the value of a key; default: an object with the keys as members",
  ),
  merge: z
    .boolean()
    .default(false)
    .describe("the API takes whole objects only: what `read` shows is sent back with `body` merged into it"),
  send: z
    .array(z.string().min(1))
    .min(1)
    .exactOptional()
    .describe("with merge: the members that are sent back; default: all"),
});

/** An entry under `publish:` of a target, without its `values`. */
export const Config = z
  .strictObject({
    store: z.literal("http-api"),
    url: Base,
    name: z.string().min(1).max(100).describe("what people call this place, such as: the NTSA integration of TruLoad"),
    admin: Admin,
    read: Read.exactOptional().describe("how the application shows what it keeps; without it nothing is read"),
    write: Write,
    live: z.boolean().default(true).describe("the application uses a new value at once, without a restart"),
    timeout: Timeout,
  })
  .superRefine((config, context) => {
    const complain = (path: readonly (string | number)[], message: string): void =>
      context.addIssue({ code: "custom", path: [...path], message });
    const { admin, read, write } = config;
    checkAdmin(admin, [], complain);
    checkMarks(write.path, [], ["write", "path"], complain);
    checkMarks(read?.path, [], ["read", "path"], complain);
    if (write.merge && read === undefined)
      complain(["write", "merge"], "there is nothing to merge into without `read`");
    if (write.merge && typeof write.body === "string") complain(["write", "body"], "an object, to be merged");
    if (write.send !== undefined && !write.merge) complain(["write", "send"], "goes with merge");
  });
export type Config = z.infer<typeof Config>;

/** The keys that a write puts into its body; undefined: whatever keys it is given. */
export function writtenKeys({ write, admin }: Config): readonly string[] | undefined {
  if (write.body === undefined) return undefined;
  const kept = admin.login.flatMap(({ keep }) => Object.keys(keep));
  const names = marksIn(write.body).map((mark) => mark.replace(/\|url$/, ""));
  return [...new Set(names.filter((name) => !kept.includes(name) && !/^(?:env|file):/.test(name)))];
}
