import type { Credential } from "../credential.ts";
import { KeyturnError } from "../errors.ts";
import { Secret } from "../secret.ts";

const marks = /\{\{\s*([^{}]+?)\s*\}\}/g;

/**
 * Fills a text of a check: a whole reference (`env:NAME`), references inside (`Bearer {{env:NAME}}`) and fields of the
 * credential (`{{password}}`). Throws KeyturnError("unknown_field") for a field that the credential does not have, and
 * whatever `resolve` throws. The result is a secret, because it may hold one.
 */
export async function fillText(
  text: string,
  credential: Credential | undefined,
  resolve: (reference: string) => Promise<Secret>,
): Promise<Secret> {
  if (isReference(text)) {
    return resolve(text);
  }
  let filled = "";
  let from = 0;
  for (const mark of text.matchAll(marks)) {
    const name = mark[1] ?? "";
    const value = isReference(name) ? (await resolve(name)).reveal() : fieldOf(credential, name);
    filled += text.slice(from, mark.index) + value;
    from = mark.index + mark[0].length;
  }
  return new Secret(filled + text.slice(from));
}

function isReference(text: string): boolean {
  return /^(?:env|file):\S+$/.test(text);
}

function fieldOf(credential: Credential | undefined, name: string): string {
  const value = credential?.public[name] ?? credential?.secret[name]?.reveal();
  if (value === undefined) {
    throw new KeyturnError("unknown_field", `the credential has no field "${name}"`, {
      hint: "a check may use env:NAME, file:... and the fields of the target's credential",
    });
  }
  return value;
}
