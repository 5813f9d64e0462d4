import { expect, it } from "vitest";
import { foundIn } from "./encodings.ts";

it("finds a secret in every encoding, wherever it stands", () => {
  const secret = 'a "canary"/with+all? 4711';
  const secrets = new Map([["canary", secret]]);
  const written = [
    secret,
    JSON.stringify({ a: secret }),
    encodeURIComponent(secret),
    Buffer.from(secret).toString("hex"),
    Buffer.from(secret, "utf16le"),
    ...["", "x", "xy", "xyz"].flatMap((before) =>
      (["base64", "base64url"] as const).map((encoding) => Buffer.from(`${before}${secret}~~~`).toString(encoding)),
    ),
  ];
  for (const hay of written) {
    expect(foundIn(Buffer.concat([Buffer.from("before "), Buffer.from(hay)]), secrets), String(hay)).toEqual([
      "canary",
    ]);
  }
  expect(foundIn("nothing of it", secrets)).toEqual([]);
});
