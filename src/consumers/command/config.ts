import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { JsonPath } from "../../core/json-path.ts";
import { Argv, Env, LogArgv } from "../../process/argv.ts";

const Name = z.string().regex(/^[\w.-]{1,60}$/, { error: "letters, digits, dot, - and _, at most 60" });
const Url = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || (new URL(url).username === "" && new URL(url).password === ""), {
    error: "no user info in the URL",
  });

/** How to see that an instance runs on the new value. */
const Sees = z.union([
  z.strictObject({ started: Argv.describe("prints when it started: ISO 8601, or seconds since 1970") }),
  z.strictObject({
    http: Url,
    json: JsonPath,
    equals: z.string().describe("may name public fields of the credential, such as {{username}}"),
  }),
  z.strictObject({
    digest: Argv.describe("reads a line from stdin and prints HMAC-SHA256(that line, its value) in hex"),
    key: z.string().describe("the store key whose value it must be"),
  }),
]);
export type Sees = z.infer<typeof Sees>;

const Instance = z.strictObject({
  id: Name,
  reload: Argv,
  sees: Sees,
  ready: z.strictObject({ http: Url, status: z.int().min(100).max(599).default(200) }).exactOptional(),
  logs: z
    .union([z.string().startsWith("/"), LogArgv])
    .exactOptional()
    .describe("a file, or a command"),
  addresses: z.array(z.string()).default([]).describe("where its connections come from, as the issuer sees them"),
  clients: z.array(z.string()).default([]).describe("what its connections are called at the issuer"),
});
export type Instance = z.infer<typeof Instance>;

/** An entry under `consumers:` of a target. */
export const Config = z.strictObject({
  kind: z.literal("command"),
  name: Name,
  instances: z.array(Instance).refine((list) => new Set(list.map(({ id }) => id)).size === list.length, {
    error: "two instances have the same id",
  }),
  env: Env,
  timeout: Duration.default(30_000).describe("of one reload"),
  within: Duration.default(180_000).describe(
    "how long one instance may take to settle; a reload that fails is tried again as long",
  ),
});
export type Config = z.infer<typeof Config>;
