import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { Secret } from "../../core/secret.ts";

const derive = promisify(pbkdf2);
const iterations = 4096;

/**
 * The SCRAM-SHA-256 verifier of a password, as PostgreSQL keeps it (RFC 5803, pg_authid.rolpassword). Sent instead of the
 * password, so that neither statement logs nor pg_stat_statements see a password. Default: a new salt of 16 bytes.
 */
export async function scramVerifier(password: Secret, salt: Buffer = randomBytes(16)): Promise<Secret> {
  const salted = await derive(prepared(password.reveal()), salt, iterations, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  return new Secret(`SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`);
}

/** SASLprep (RFC 4013) as far as it changes bytes; the passwords that we make are ASCII and stay as they are. */
function prepared(password: string): string {
  return password.replace(otherSpaces, " ").replace(mappedToNothing, "").normalize("NFKC");
}

const otherSpaces = /[\p{Zs}\u200B]/gu;
const mappedToNothing = /\u00AD|\u034F|\u1806|[\u180B-\u180D]|\u200C|\u200D|\u2060|[\uFE00-\uFE0F]|\uFEFF/gu;

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
