import { z } from "zod";
import { Algorithm } from "./token-jwt.ts";

/** Names of the variables in the `.env`. */
export const Variables = z.strictObject({
  secret: z.string().default("JWT_SECRET"),
  previous: z.string().default("JWT_SECRET_PREVIOUS"),
  privateKey: z.string().default("JWT_PRIVATE_KEY"),
  keySet: z.string().default("JWKS"),
  keySetPrevious: z.string().default("JWKS_PREVIOUS"),
  internal: z.string().default("INTERNAL_SERVICE_KEY"),
  internalPrevious: z.string().default("INTERNAL_SERVICE_KEY_PREVIOUS"),
});
export type Variables = z.infer<typeof Variables>;

/** What one instance is told when it starts; everything secret stands in its `.env`. */
export const Settings = z.strictObject({
  id: z.string(),
  port: z.int(),
  envFile: z.string(),
  algorithm: Algorithm,
  variables: Variables,
  /** Whether it signs tokens, or verifies only. */
  issues: z.boolean(),
  /** An application that knows nothing of the previous-variables. */
  ignoresPrevious: z.boolean(),
  /** Whether the header of its tokens names the key; always so for key pairs. */
  tokenKid: z.boolean(),
  tokenLifeMs: z.int(),
  /** Key pairs: where the key set is, how long it may be cached, and how long a client waits before it asks again. */
  keySetUrl: z.string(),
  keySetMaxAgeMs: z.int(),
  /** How long this client keeps it, whatever the set says of itself. */
  keySetKeptMs: z.int().exactOptional(),
  coolDownMs: z.int(),
});
export type Settings = z.infer<typeof Settings>;
