import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { GiveUp } from "../../../src/core/errors.ts";
import type { Issuer } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { alphabetFor } from "../../../src/core/templates/alphabet.ts";
import { signingKey } from "../../../src/rotators/signing-key/rotator.ts";
import { clock } from "./world.ts";

const session = { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined };

function open(entry: Readonly<Record<string, unknown>>): Promise<Issuer> {
  const all = { kind: "signing-key", maxTokenLife: "1h", accept: [{ url: "http://127.0.0.1:9/me" }], ...entry };
  const resolve = (): Promise<never> => Promise.reject(new Error("nothing to resolve"));
  return signingKey(clock).bind(all).open({ session, resolve, signal: new AbortController().signal });
}

async function made(entry: Readonly<Record<string, unknown>>, alphabet = alphabetFor([], [], "+/=")) {
  const issuer = await open(entry);
  const credential = await issuer.propose?.({ rotationId: "r1", current: undefined, alphabet });
  if (credential === undefined) throw new Error("it proposes nothing");
  return { issuer, credential, key: credential.secret["key"]?.reveal() ?? "" };
}

describe("new keys", () => {
  it.each([
    ["hex 32", { encoding: "hex" }, /^[0-9a-f]{64}$/],
    ["base64 32", {}, /^[A-Za-z0-9+/]{43}=$/],
    ["base64 64, on one line", { bytes: 64 }, /^[A-Za-z0-9+/]{86}==$/],
    ["base64url 32", { encoding: "base64url" }, /^[A-Za-z0-9_-]{43}$/],
  ])("are as the runbook writes them: %s", async (_what, entry, shape) => {
    const [one, two] = [await made(entry), await made(entry)];
    expect(one.key).toMatch(shape);
    expect(two.key).not.toBe(one.key);
    expect(one.credential.public["kid"]).toMatch(/^[0-9a-f]{16}$/);
    expect(one.key).not.toContain(one.credential.public["kid"]);
  });

  it.each([
    ["RS256", "rsa"],
    ["ES256", "ec"],
    ["EdDSA", "ed25519"],
  ])("are pairs for %s, and only the private key is secret", async (algorithm, type) => {
    const { credential, key } = await made({ algorithm });
    expect(createPrivateKey(key).asymmetricKeyType).toBe(type);
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(Object.keys(credential.secret)).toEqual(["key"]);
    expect(credential.public["public"]).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
    expect(JSON.parse(credential.public["jwk"] ?? "")).toMatchObject({
      kid: credential.ref.generation,
      alg: algorithm,
      use: "sig",
    });
    expect(credential.public["jwk"]).not.toContain('"d"');
  });

  it("are not made of characters that the stores cannot carry", async () => {
    const refused = await made({ encoding: "hex" }, "0123456789").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(GiveUp);
    expect(refused).toMatchObject({ code: "encoding_not_carried" });
  });
});

describe("keys out of a store", () => {
  it("keep the key id that was given to them by hand", async () => {
    const { issuer, credential } = await made({ algorithm: "ES256" });
    const { key } = credential.secret;
    if (key === undefined) throw new Error("no key");
    const jwk = JSON.stringify({ ...JSON.parse(credential.public["jwk"] ?? ""), kid: "2023-key" });

    expect((await issuer.identify({ public: { kid: "2023-key" }, secret: { key } })).public["kid"]).toBe("2023-key");
    const byJwk = await issuer.identify({ public: { jwk }, secret: { key } });
    expect(byJwk.public).toMatchObject({ kid: "2023-key", jwk });
    expect(byJwk.ref).toEqual(credential.ref);
  });

  it("are refused when the public key is that of another pair", async () => {
    const { issuer, credential } = await made({ algorithm: "EdDSA" });
    const { credential: other } = await made({ algorithm: "EdDSA" });
    for (const field of ["jwk", "public"]) {
      const found = { public: { [field]: other.public[field] ?? "" }, secret: credential.secret };
      await expect(issuer.identify(found)).rejects.toMatchObject({ code: "key_pair_differs" });
    }
  });

  it.each([
    ["RS256", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
    ["ES256", generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey],
    ["EdDSA", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
  ])("are refused when they are of another kind than %s", async (algorithm, key) => {
    const issuer = await open({ algorithm });
    const secret = { key: new Secret(String(key.export({ type: "pkcs8", format: "pem" }))) };
    await expect(issuer.identify({ public: {}, secret })).rejects.toMatchObject({ code: "unknown_principal" });
  });

  it("are read in the older forms of RSA and EC", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const secret = { key: new Secret(String(privateKey.export({ type: "sec1", format: "pem" }))) };
    const found = await (await open({ algorithm: "ES256" })).identify({ public: {}, secret });
    expect(found.ref.generation).toMatch(/^[\w-]{43}$/);
  });

  it("are decoded where applications decode them, and refused without a word of them where they cannot be", async () => {
    const issuer = await open({ encoding: "hex", key: "decoded" });
    const bad = { public: {}, secret: { key: new Secret("not-hex-at-all") } };
    const refused = await issuer.identify(bad).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "unknown_principal" });
    expect(String(refused)).not.toContain("not-hex");
    expect((await made({ encoding: "hex", key: "decoded" })).key).toMatch(/^[0-9a-f]{64}$/);
  });
});
