import { createPrivateKey, createPublicKey, createSecretKey, type JsonWebKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import { publicJwk, thumbprint } from "../../../src/rotators/signing-key/jwk.ts";
import { readSignature, signToken } from "../../../src/rotators/signing-key/token.ts";

const joe = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/** RFC 7515 A.1. */
const hmac = createSecretKey(
  "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
  "base64url",
);
const hs256 = { algorithm: "HS256", own: hmac, open: hmac } as const;
const hmacToken = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${joe}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;

/** RFC 7515 A.3. */
const es256 = pairOf("ES256", {
  kty: "EC",
  crv: "P-256",
  x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  d: "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
});
const curveToken = `eyJhbGciOiJFUzI1NiJ9.${joe}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`;

/** RFC 8037 A.1 to A.4. */
const eddsa = pairOf("EdDSA", {
  kty: "OKP",
  crv: "Ed25519",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
});
const edwardsToken =
  "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

describe("signatures", () => {
  it.each([
    ["RFC 7515 A.1", hs256, hmacToken],
    ["RFC 7515 A.3", es256, curveToken],
    ["RFC 8037 A.4", eddsa, edwardsToken],
  ])("reads the token of %s, and sees one changed character", (_rfc, material, token) => {
    const [head = "", body = "", mark = ""] = token.split(".");
    expect(readSignature(token, material)).toEqual({ ours: true, kid: undefined });
    const changed = `${mark.startsWith("A") ? "B" : "A"}${mark.slice(1)}`;
    expect(readSignature(`${head}.${body}.${changed}`, material)?.ours).toBe(false);
    expect(readSignature(`${head}.${body}x.${mark}`, material)?.ours).toBe(false);
  });

  it.each([
    ["HS256", hs256],
    ["ES256", es256],
    ["EdDSA", eddsa],
  ])("reads what it signed with %s, and the key id", (_name, material) => {
    const token = signToken({ typ: "JWT", kid: "k1" }, { sub: "canary" }, material).reveal();
    expect(readSignature(token, material)).toEqual({ ours: true, kid: "k1" });
    for (const other of [hs256, es256, eddsa].filter((each) => each !== material)) {
      expect(readSignature(token, other)?.ours).toBe(false);
    }
  });

  it("signs as RFC 8037 A.4 does", () => {
    expect(signToken({}, {}, eddsa).reveal().split(".")[0]).toBe("eyJhbGciOiJFZERTQSJ9");
  });

  it.each(["", "a.b", "a.b.c.d", "e30.e30.e30", `${Buffer.from("[]").toString("base64url")}.e30.x`])(
    "finds no token in %j",
    (text) => {
      expect(readSignature(text, hs256)).toBeUndefined();
    },
  );

  it("never takes a public key for a shared one, nor `none` for a signature", () => {
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${joe}.`;
    expect(readSignature(none, es256)?.ours).toBe(false);
    expect(readSignature(hmacToken, es256)?.ours).toBe(false);
  });
});

describe("key ids", () => {
  it("are those of RFC 7638 3.1 and RFC 8037 A.3", () => {
    const n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst" +
      "n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1" +
      "n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    expect(thumbprint({ kty: "RSA", n, e: "AQAB", alg: "RS256", kid: "2011-04-29" })).toBe(
      "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
    );
    expect(thumbprint(publicJwk(eddsa.open, "EdDSA", "k"))).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    expect(thumbprint({ kty: "oct", k: "AyM1" })).toBeUndefined();
  });

  it("stand in a JWK that holds nothing private", () => {
    expect(publicJwk(es256.open, "ES256", "k1")).toEqual({
      kty: "EC",
      crv: "P-256",
      x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
      kid: "k1",
      alg: "ES256",
      use: "sig",
    });
  });
});

function pairOf<Algorithm extends "ES256" | "EdDSA">(algorithm: Algorithm, key: JsonWebKey) {
  const own = createPrivateKey({ key, format: "jwk" });
  return { algorithm, own, open: createPublicKey(own) };
}
