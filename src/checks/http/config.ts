import { z } from "zod";
import { KubernetesConnection } from "../../connections/kubernetes/config.ts";
import { WorkloadAt } from "../../connections/kubernetes/place.ts";
import { Duration } from "../../core/duration.ts";
import { JsonPath } from "../../core/json-path.ts";

const Url = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || (new URL(url).username === "" && new URL(url).password === ""), {
    error: "no user info in the URL; put a reference into a header",
  });
const PodPath = z
  .string()
  .regex(/^\/(?!\/)[\x21-\x22\x24-\x7e]*$/, { error: "a path such as /health" })
  .describe("with `pods`: path and query, as the application has them");
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
  url: Url.exactOptional(),
  path: PodPath.exactOptional(),
  method: Method.default("POST"),
  headers: Headers,
  body: Body,
  token: JsonPath.exactOptional().describe("where the answer has the token; sent as `authorization: Bearer ...`"),
  cookie: z.boolean().default(false).describe("send the cookies of the answer"),
});
export type Login = z.infer<typeof Login>;

/** How an answer shows that it was made after the publish and comes out of no cache. */
const Fresh = z
  .strictObject({
    echo: JsonPath.exactOptional().describe("where the answer repeats {{nonce}}, a word that is new at each look"),
    at: JsonPath.exactOptional().describe("where it has the time at which it was made, ISO 8601 or since 1970"),
    headers: z.literal(true).exactOptional().describe("its Date is not older than the publish, and it has no Age"),
    skew: Duration.default(2_000).describe("how far the clocks may differ"),
  })
  .refine(({ echo, at, headers }) => (echo ?? at ?? headers) !== undefined, {
    error: "at least one of echo, at, headers",
  })
  .describe("only an answer that no cache can give counts; {{nonce}} may stand in url, path, headers and body");

const Entry = z.strictObject({
  kind: z.literal("http"),
  url: Url.exactOptional(),
  pods: WorkloadAt.exactOptional().describe(
    "instead of `url`: every ready pod of connection/namespace/deployment/name, through the Kubernetes API",
  ),
  port: z.int().min(1).max(65_535).exactOptional().describe("with `pods`: where each pod listens"),
  scheme: z.enum(["http", "https"]).exactOptional().describe("with `pods`: default http"),
  path: PodPath.exactOptional(),
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
  fresh: Fresh.exactOptional(),
  timeout: Duration.default(5_000),
  settle: Duration.default(15_000),
  connection: KubernetesConnection.exactOptional().describe("written by Keyturn from the name in `pods`"),
});

/** An entry under `checks:` of a target. */
export const Config = Entry.refine(
  ({ url, pods, port }) => (url === undefined) === (pods !== undefined && port !== undefined),
  {
    error: "says whom to ask: url, or pods and port",
  },
)
  .refine(({ url, port, scheme, path }) => url === undefined || (port ?? scheme ?? path) === undefined, {
    error: "port, scheme and path go with pods; a url has its own",
  })
  .refine(({ pods, login }) => login === undefined || isAsked(login, pods === undefined ? "url" : "path"), {
    error: "a login is asked at a url; with pods at a path, of the same pod",
    path: ["login"],
  })
  .refine(({ pods, headers, login }) => pods === undefined || !takesAway({ ...headers, ...login?.headers }), {
    error:
      "the headers authorization, host and impersonate-* do not reach a pod: the API server takes them for its own",
    path: ["headers"],
  })
  .refine(({ pods, login }) => pods === undefined || login?.token === undefined, {
    error: "a token does not reach a pod: the API server takes the header authorization for its own; use cookie: true",
    path: ["login", "token"],
  });
export type Config = z.infer<typeof Config>;

function isAsked({ url, path }: Login, by: "url" | "path"): boolean {
  return (url !== undefined) === (by === "url") && (path !== undefined) === (by === "path");
}

function takesAway(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) => /^(?:authorization|host|impersonate-.*)$/i.test(name));
}
