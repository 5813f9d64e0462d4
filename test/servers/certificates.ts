import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";
import { type Der, der, oid, seq, text, time } from "./der.ts";

/** A certificate and its private key, both PEM. */
export type Certificate = { readonly cert: string; readonly key: string };

export type Authority = {
  readonly cert: string;
  /** A certificate for clients and servers; `names` are IPv4 addresses and DNS names, `group` becomes the O of the subject. */
  issue(subject: { readonly name: string; readonly group?: string; readonly names?: readonly string[] }): Certificate;
};

const dayMs = 86_400_000;
const ecdsaWithSha256 = seq(oid("1.2.840.10045.4.3.2"));

/**
 * A certificate authority for one test run: P-256 keys, certificates valid from an hour ago for 30 days. Written out
 * here (X.509 v3, RFC 5280) because Node has no call for it and not every machine has the openssl program.
 */
export function makeAuthority(name: string): Authority {
  const own = keyPair();
  const subject = distinguishedName(name, undefined);
  const cert = certificate(subject, subject, own, own, [
    extension("2.5.29.19", true, seq(der(0x01, Buffer.from([0xff])))),
    extension("2.5.29.15", true, der(0x03, Buffer.from([0x02, 0x04]))),
  ]);
  return {
    cert,
    issue: (asked) => {
      const key = keyPair();
      const names = asked.names ?? [];
      const extensions = [
        extension("2.5.29.15", true, der(0x03, Buffer.from([0x07, 0x80]))),
        extension("2.5.29.37", false, seq(oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.2"))),
        ...(names.length === 0 ? [] : [extension("2.5.29.17", false, seq(...names.map(generalName)))]),
      ];
      return {
        cert: certificate(distinguishedName(asked.name, asked.group), subject, key, own, extensions),
        key: key.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}

/** A private key of the curve P-256. */
export function keyPair(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function certificate(subject: Der, issuer: Der, own: KeyObject, signer: KeyObject, extensions: readonly Der[]): string {
  const tbs = seq(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    issuer,
    seq(time(Date.now() - dayMs / 24), time(Date.now() + 30 * dayMs)),
    subject,
    createPublicKey(own).export({ type: "spki", format: "der" }),
    der(0xa3, seq(...extensions)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign("sha256", tbs, signer)]);
  const base64 = seq(tbs, ecdsaWithSha256, der(0x03, signature)).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(name: string, group: string | undefined): Der {
  const part = (type: string, value: string): Der => der(0x31, seq(oid(type), text(value)));
  return seq(...(group === undefined ? [] : [part("2.5.4.10", group)]), part("2.5.4.3", name));
}

function extension(type: string, critical: boolean, value: Der): Der {
  return seq(oid(type), ...(critical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));
}

function generalName(name: string): Der {
  return isIPv4(name) ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name));
}
