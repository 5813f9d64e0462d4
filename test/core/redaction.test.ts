import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redact } from "../../src/core/redaction.ts";
import { Secret } from "../../src/core/secret.ts";

const canary = "C4nary/of+the=red'action\"é&1";
const secret = new Secret(canary);
const strict = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

describe("redact", () => {
  it.each<[string, string]>([
    ["plain", canary],
    ["in JSON", JSON.stringify({ password: canary })],
    ["as a whole URI", encodeURI(canary)],
    ["as a component of a URI", encodeURIComponent(canary)],
    ["as strict encoders write it", strict(canary)],
    ["with lower-case digits", strict(canary).replaceAll(/%../g, (code) => code.toLowerCase())],
    ["hex", Buffer.from(canary).toString("hex")],
    ["hex in capitals", Buffer.from(canary).toString("hex").toUpperCase()],
    ["base64", Buffer.from(canary).toString("base64")],
    ["base64url", Buffer.from(canary).toString("base64url")],
  ])("masks it %s", (_, form) => {
    const masked = redact(`before ${form} after`, [secret]);
    expect(masked).toContain("[secret]");
    expect(masked).toMatch(/^before .* after$/);
    expect(leaks(masked)).toEqual([]);
  });

  it("masks it in base64 at all three alignments, whatever stands around it", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), fc.boolean(), (before, after, url) => {
        const bytes = Buffer.from(`${before}${canary}${after}`);
        const masked = redact(bytes.toString(url ? "base64url" : "base64"), [secret]);
        expect(masked).toContain("[secret]");
        expect(leaks(Buffer.from(masked.replace("[secret]", "AAAA"), "base64").toString())).toEqual([]);
      }),
    );
  });

  it("masks a form field where a space is a plus", () => {
    const spaced = new Secret("two words and more");
    expect(redact("password=two+words+and+more&x=1", [spaced])).toBe("password=[secret]&x=1");
  });

  it("masks the longer of two that overlap as a whole", () => {
    const long = new Secret("password-of-the-shop");
    expect(redact("it was password-of-the-shop", [new Secret("password"), long])).toBe("it was [secret]");
  });

  it("leaves words alone that are too short to be a secret, and texts without one", () => {
    expect(redact("the cat sat", [new Secret("cat")])).toBe("the cat sat");
    expect(redact("nothing here", [secret])).toBe("nothing here");
  });
});

/** Pieces of eight characters of the canary that can still be read. */
function leaks(text: string): string[] {
  const pieces = Array.from({ length: canary.length - 7 }, (_, index) => canary.slice(index, index + 8));
  return pieces.filter((piece) => text.includes(piece));
}
