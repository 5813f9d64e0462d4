import { GiveUp } from "../../core/errors.ts";
import type { Context, Issuer, Rotator } from "../../core/ports.ts";
import { podsOf } from "../probes/pods.ts";
import type { Clock } from "./canary.ts";
import { Config } from "./config.ts";
import { credentialOf } from "./credential.ts";
import { keptTokens, withTokens } from "./derived.ts";
import { listedEverywhere } from "./key-sets.ts";
import { newKey } from "./material.ts";
import { preflight } from "./preflight.ts";
import { shapeOf } from "./shape.ts";
import { signs } from "./signs.ts";
import { trial } from "./trial.ts";

/** Keys that applications sign tokens with and check them: two accepted for a while, or everybody logs in again. See README.md. */
export function signingKey(clock: Clock): Rotator {
  return {
    kind: "signing-key",
    connects: { kind: "kubernetes", at: ["accept", "*", "pods"], also: [["sign", "*", "pods"]] },
    config: Config,
    bind: (entry) => {
      const config = Config.parse(entry);
      return { shape: shapeOf(config), open: async (context) => issuerOf(config, context, clock) };
    },
  };
}

/**
 * The applications are the issuer: a key counts once they have read it, and ends when they no longer do. So nothing is changed
 * from here, nothing of an older holder can come late, and what exists cannot be listed.
 */
function issuerOf(config: Config, context: Context, clock: Clock): Issuer {
  const { resolve, signal } = context;
  signal.throwIfAborted();
  const pods = podsOf(config.connection, context);
  const scope = { config, clock, asker: { resolve, signal, timeoutMs: config.timeout, pods } };
  return {
    fence: () => Promise.resolve("fenced"),
    preflight: (current, alphabet) => preflight(scope, current, alphabet),
    list: () => Promise.resolve([]),
    identify: async (fields) => {
      const known = await credentialOf(config, fields.secret["key"], fields.public);
      return { ...known, secret: { ...known.secret, ...keptTokens(config, fields.secret) } };
    },
    propose: async ({ alphabet }) =>
      withTokens(config, await credentialOf(config, await newKey(config, alphabet)), clock),
    issue: async ({ proposed }) => {
      if (proposed === undefined) throw new GiveUp("no_proposal", "there is no new key to issue");
      return proposed;
    },
    test: (credential) => trial(scope, credential),
    ...(config.sign.length === 0 ? {} : { signs: (credential) => signs(scope, credential) }),
    ...(config.jwks.length === 0 ? {} : { listedEverywhere: (credential) => listedEverywhere(scope, credential) }),
    revoke: () => Promise.resolve(),
    close: pods.close,
  };
}
