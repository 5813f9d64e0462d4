import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { JsonPath } from "../../core/json-path.ts";
import {
  acceptProbe,
  connection,
  Headers,
  Method,
  namesOf,
  onePlace,
  places,
  podPlaces,
  Url,
} from "../probes/config.ts";
import { Bytes, Encoding } from "../probes/random-text.ts";
import { DerivedTokens } from "./derived.ts";

const Sign = z
  .strictObject({
    ...places,
    ...podPlaces,
    method: Method.default("POST"),
    headers: Headers.default({}),
    body: z
      .union([z.string(), z.record(z.string(), z.json())])
      .exactOptional()
      .describe(
        "an object is sent as JSON; a text in it that is a reference (env:NAME, file:...) is replaced by its value",
      ),
    token: JsonPath.describe("where the answer has the token that the instance has just signed"),
  })
  .superRefine((probe, context) => {
    onePlace(probe, (path, message) => context.addIssue({ code: "custom", path: [path], message }));
  });
export type Sign = z.infer<typeof Sign>;

const ours = ["exp", "iat", "nbf", "jti"];

/** The `rotator:` entry of a `signing-key` target. */
export const Config = z
  .strictObject({
    kind: z.literal("signing-key"),
    name: z
      .string()
      .min(1)
      .exactOptional()
      .describe("what people call this key; default: the addresses that accept it"),
    algorithm: z.enum(["HS256", "RS256", "ES256", "EdDSA"]).default("HS256"),
    encoding: Encoding.exactOptional().describe("HS256: how the new key is written. Default: base64"),
    bytes: Bytes.exactOptional().describe(
      "HS256: random bytes of the new key, at least the 32 of the hash. Default: 32",
    ),
    key: z
      .enum(["text", "decoded"])
      .exactOptional()
      .describe("HS256: whether applications use the text itself as the key, or what it decodes to. Default: text"),
    bits: z.int().min(2048).max(8192).exactOptional().describe("RS256: length of the new key. Default: 2048"),
    mode: z
      .enum(["overlap", "all-out"])
      .default("overlap")
      .describe("overlap: both keys are accepted for a while. all-out: one key only, and everybody logs in again"),
    restart: Duration.exactOptional().describe(
      "all-out: the longest time from the first restart until the last one is done; people read it before they approve. Default: 3m",
    ),
    maxTokenLife: Duration.exactOptional().describe(
      "the longest life of any token that is signed with it: access, refresh and API tokens. Needed for mode overlap",
    ),
    clockSkew: Duration.default(60_000).describe(
      "how far the clocks of instances may be apart from each other and from ours",
    ),
    claims: z
      .record(z.string(), z.json())
      .default({ sub: "keyturn-canary" })
      .describe("claims of the canary token: a subject without rights, issuer and audience as instances expect them"),
    tokenType: z.string().min(1).default("JWT").describe("`typ` in the canary token's header"),
    tokenKid: z
      .boolean()
      .exactOptional()
      .describe("whether the canary token's header names the key. Default: no for HS256, else yes"),
    tokens: DerivedTokens.default({}).describe("tokens that are signed with each new key and published beside it"),
    accept: z.array(acceptProbe("token", { authorization: "Bearer {{token}}" })).default([]),
    sign: z
      .array(Sign)
      .default([])
      .describe("how instances show which key they sign with: log in, and look at the token"),
    jwks: z.array(Url).default([]).describe("every public address of the key set; all must list the key"),
    cacheFor: Duration.default(600_000).describe(
      "the longest life of the key set in a cache; at least the max-age it is served with",
    ),
    timeout: Duration.default(5_000),
    connection,
  })
  .superRefine((entry, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    const isPair = entry.algorithm !== "HS256";
    for (const name of ["encoding", "bytes", "key"] as const) {
      if (isPair && entry[name] !== undefined) issue(name, `belongs to HS256, not to ${entry.algorithm}`);
    }
    if (entry.bits !== undefined && entry.algorithm !== "RS256") issue("bits", "belongs to RS256");
    if (entry.mode === "overlap" && entry.maxTokenLife === undefined) {
      issue("maxTokenLife", "say how long the longest-lived token lives: that long the old key must stay accepted");
    }
    if (entry.mode === "overlap" && entry.restart !== undefined) issue("restart", "belongs to mode all-out");
    if (entry.jwks.length > 0 && !isPair) issue("jwks", "a symmetric key is never published");
    if (entry.accept.length === 0 && entry.jwks.length === 0) {
      issue("accept", "without an instance that can be asked nothing could be proved");
    }
    for (const [name, { life }] of Object.entries(entry.tokens)) {
      if (["key", "kid", "public", "jwk"].includes(name)) issue("tokens", `${name} is a field of the key itself`);
      if (entry.maxTokenLife !== undefined && life > entry.maxTokenLife) {
        issue("tokens", `${name} would outlive maxTokenLife, and so the time in which its key is accepted`);
      }
    }
    for (const claim of ours) if (claim in entry.claims) issue("claims", `${claim} is set afresh for each token`);
  });
export type Config = z.infer<typeof Config>;

/** What the key is called in sentences and locks. */
export function nameOf({ name, accept, jwks }: Config): string {
  const asked = [...accept.flatMap(namesOf), ...jwks.map((url) => new URL(url).host)];
  return name ?? [...new Set(asked)].join(", ");
}
