import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { GiveUp } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { randomText, symbolsOf, textFindings } from "../probes/random-text.ts";
import type { Config } from "./config.ts";

/** A key as it is used: `own` signs, `open` verifies. For HS256 both are the same. */
export type Material = { readonly algorithm: Config["algorithm"]; readonly own: KeyObject; readonly open: KeyObject };

type Way = Pick<Config, "algorithm" | "encoding" | "key" | "bytes" | "bits">;

const make = promisify(generateKeyPair);

/** A new key as it stands in a store: random text, or a private key in PEM (PKCS #8). It is in no file at any time. */
export async function newKey({ algorithm, encoding, bytes, bits }: Way, alphabet?: string): Promise<Secret> {
  switch (algorithm) {
    case "HS256":
      return randomText(encoding ?? usual, bytes ?? 32, alphabet);
    case "RS256":
      return pem((await make("rsa", { modulusLength: bits ?? 2048 })).privateKey);
    case "ES256":
      return pem((await make("ec", { namedCurve: "P-256" })).privateKey);
    case "EdDSA":
      return pem((await make("ed25519", {})).privateKey);
  }
}

/** How a new key is written where nothing is said: an HS256 key. */
const usual = "base64";

/** `RotatorShape.symbols` of such keys. A private key in PEM has lines: which stores carry those, they say themselves when they are asked. */
export function symbolsOfKeys({ algorithm, encoding = usual }: Way): string {
  return algorithm === "HS256" ? symbolsOf(encoding) : "";
}

/** Whether stores and templates can carry every such key. */
export function keyFindings({ algorithm, encoding = usual }: Way, alphabet: string | undefined): readonly Finding[] {
  return algorithm === "HS256" ? textFindings(encoding, alphabet) : [];
}

function pem(own: KeyObject): Secret {
  return new Secret(String(own.export({ type: "pkcs8", format: "pem" })));
}

/** Reads a key as applications read it. Throws GiveUp("unknown_principal") for what is no key of this algorithm; never says what it found. */
export function materialOf(way: Way, key: Secret): Material {
  const { algorithm } = way;
  const own = algorithm === "HS256" ? secretKey(way, key) : privateKey(algorithm, key);
  return { algorithm, own, open: own.type === "secret" ? own : createPublicKey(own) };
}

const shapes = {
  hex: /^(?:[0-9a-f]{2})+$/i,
  base64: /^[A-Za-z0-9+/\s]+={0,2}\s*$/,
  base64url: /^[A-Za-z0-9_-]+={0,2}$/,
} as const;

function secretKey({ encoding = "base64", key: use = "text" }: Way, key: Secret): KeyObject {
  if (use === "text") return createSecretKey(key.reveal(), "utf8");
  if (!shapes[encoding].test(key.reveal())) {
    throw new GiveUp("unknown_principal", `the store holds no key that is written in ${encoding}`, {
      hint: "key: text, where applications use the text itself",
    });
  }
  return createSecretKey(key.reveal(), encoding);
}

const kinds = { RS256: "rsa", ES256: "ec", EdDSA: "ed25519" } as const;

function privateKey(algorithm: keyof typeof kinds, key: Secret): KeyObject {
  const own = parsed(key);
  const isCurve = algorithm !== "ES256" || own?.asymmetricKeyDetails?.namedCurve === "prime256v1";
  if (own !== undefined && own.asymmetricKeyType === kinds[algorithm] && isCurve) return own;
  throw new GiveUp("unknown_principal", `the store holds no private key for ${algorithm} in PEM`, {
    hint: "without a password, PKCS #8 or the older forms of RSA and EC",
  });
}

function parsed(key: Secret): KeyObject | undefined {
  try {
    return createPrivateKey(key.reveal());
  } catch {
    return undefined;
  }
}
