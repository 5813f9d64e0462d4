import type { KeyObject } from "node:crypto";
import { z } from "zod";
import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { fingerprint } from "../probes/fingerprint.ts";
import { jsonIn } from "../probes/json.ts";
import { type Config, nameOf } from "./config.ts";
import { publicJwk, thumbprint, thumbprintOf } from "./jwk.ts";
import { materialOf } from "./material.ts";

/**
 * A key with its ref. What the store says of it beside the key stays as it stands there: a `kid` that was given by hand is the
 * one that tokens bear. Throws GiveUp("unknown_principal") when it is no key of this algorithm, and GiveUp("key_pair_differs") when
 * the public key in the store is not that of the private one.
 */
export async function credentialOf(
  config: Config,
  key: Secret | undefined,
  stored: Credential["public"] = {},
): Promise<Credential> {
  const principal = nameOf(config);
  if (key === undefined || key.reveal() === "") {
    throw new GiveUp("unknown_principal", "the store holds no key of this target", {
      hint: "a template of a secret place must hold {{key}}",
    });
  }
  const { open } = materialOf(config, key);
  if (open.type === "secret") {
    const generation = await fingerprint("signing-key", key);
    return { ref: { principal, generation }, public: { kid: stored["kid"] ?? generation }, secret: { key } };
  }
  const generation = thumbprintOf(open);
  const kid = stored["kid"] ?? kidIn(stored["jwk"], generation) ?? generation;
  const jwk = stored["jwk"] ?? JSON.stringify(publicJwk(open, config.algorithm, kid));
  return { ref: { principal, generation }, public: { public: pem(open, stored["public"]), jwk, kid }, secret: { key } };
}

const Jwk = z.record(z.string(), z.unknown());

function kidIn(jwk: string | undefined, generation: string): string | undefined {
  if (jwk === undefined) return undefined;
  const members = Jwk.safeParse(jsonIn(jwk)).data;
  if (members === undefined || thumbprint(members) !== generation) throw differs("jwk");
  return typeof members["kid"] === "string" ? members["kid"] : undefined;
}

function pem(open: KeyObject, stored: string | undefined): string {
  const ours = String(open.export({ type: "spki", format: "pem" }));
  if (stored !== undefined && bare(stored) !== bare(ours)) throw differs("public");
  return stored ?? ours;
}

function bare(text: string): string {
  return text.replace(/\s/g, "");
}

function differs(field: string): GiveUp {
  return new GiveUp("key_pair_differs", `what the store holds as "${field}" is not the public key of its private key`, {
    hint: "make the stores agree before anything is rotated",
  });
}
