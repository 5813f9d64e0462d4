import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { JsonPath } from "../../core/json-path.ts";

const Url = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || (new URL(url).username === "" && new URL(url).password === ""), {
    error: "no user info in the URL; put a reference into a header",
  });
const Text = z.string().describe("a reference (env:NAME, file:...) or {{...}} in it is filled in, for this host only");
const Headers = z.record(z.string().regex(/^[\w-]+$/), Text).default({});
const Body = z.union([Text, z.record(z.string(), z.json())]).exactOptional();
const Method = z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);
const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** What must stand at a path: this value, one of these, or anything of a type. */
const Wanted = z.union([
  Scalar,
  z.strictObject({ in: z.array(Scalar).min(1) }),
  z.strictObject({ type: z.enum(["string", "number", "boolean", "object", "array", "null"]) }),
]);
export type Wanted = z.infer<typeof Wanted>;

const Login = z.strictObject({
  url: Url,
  method: Method.default("POST"),
  headers: Headers,
  body: Body,
  token: JsonPath.exactOptional().describe("where the answer has the token; sent as `authorization: Bearer ...`"),
  cookie: z.boolean().default(false).describe("send the cookies of the answer"),
});
export type Login = z.infer<typeof Login>;

/** An entry under `checks:` of a target. */
export const Config = z.strictObject({
  kind: z.literal("http"),
  url: Url,
  method: Method.default("GET"),
  headers: Headers,
  body: Body,
  login: Login.exactOptional().describe("a request made first, whose token or cookies the check sends"),
  expect: z
    .strictObject({
      status: z.union([z.int(), z.array(z.int()).min(1)]).default(200),
      json: z.record(JsonPath, Wanted).default({}),
    })
    .prefault({}),
  timeout: Duration.default(5_000),
  settle: Duration.default(15_000),
});
export type Config = z.infer<typeof Config>;
