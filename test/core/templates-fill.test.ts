import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { fillText } from "../../src/core/templates/fill.ts";

const credential = {
  ref: { principal: "app", generation: "1" },
  public: { username: "app" },
  secret: { password: new Secret("s3cret") },
};

async function fill(text: string): Promise<string> {
  return (await fillText(text, credential, (reference) => Promise.resolve(new Secret(`<${reference}>`)))).reveal();
}

describe("texts of checks", () => {
  it.each([
    ["env:TOKEN", "<env:TOKEN>"],
    ["Bearer {{env:TOKEN}}", "Bearer <env:TOKEN>"],
    ["{{ username }}:{{password}}@{{file:/run/secrets/x}}", "app:s3cret@</run/secrets/x>".replace("<", "<file:")],
    ["plain", "plain"],
  ])("fills %s", async (text, filled) => {
    expect(await fill(text)).toBe(filled);
  });

  it("names a field that the credential does not have, and shows no value", async () => {
    await expect(fill("{{token}}")).rejects.toMatchObject({
      code: "unknown_field",
      message: 'the credential has no field "token"',
    });
  });

  it("does not fill a value a second time", async () => {
    const tricky = { ...credential, secret: { password: new Secret("{{username}}") } };

    expect((await fillText("{{password}}", tricky, () => Promise.reject(new Error("never")))).reveal()).toBe(
      "{{username}}",
    );
  });
});
