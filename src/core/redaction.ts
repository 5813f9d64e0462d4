import type { Secret } from "./secret.ts";

const mask = "[secret]";
/** Shorter values would blank out ordinary words; such a secret is a finding of preflight, not of this function. */
const shortest = 6;

/**
 * Masks every given secret in a text that came from outside, in each form in which it may stand there: plain, URI-encoded
 * (both ways), JSON-escaped, base64 (all three alignments, standard and URL alphabet), hex.
 */
export function redact(text: string, secrets: readonly Secret[]): string {
  const forms = [...new Set(secrets.flatMap((secret) => formsOf(secret.reveal())))].sort((a, b) => b.length - a.length);
  return forms.reduce((masked, form) => masked.replaceAll(form, mask), text);
}

function formsOf(value: string): string[] {
  if (value.length < shortest) {
    return [];
  }
  const bytes = Buffer.from(value);
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    ...uriForms(bytes.toString("utf8")),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...[0, 1, 2].flatMap((shift) => base64At(bytes, shift)),
  ].filter((form) => form.length >= shortest);
}

/** As a whole URI, as a component, as the strictest encoders write it, and as a form; with digits of either case. */
function uriForms(text: string): string[] {
  const component = encodeURIComponent(text);
  const strict = component.replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return [encodeURI(text), component, strict, component.replaceAll("%20", "+"), strict.replaceAll("%20", "+")].flatMap(
    (form) => [form, form.replaceAll(/%../g, (code) => code.toLowerCase())],
  );
}

/** The part of a base64 text that depends only on the value, when `shift` unknown bytes stand before it. */
function base64At(bytes: Buffer, shift: number): string[] {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString("base64")
    .replaceAll("=", "");
  const from = shift === 0 ? 0 : shift + 1;
  const whole = (bytes.length + shift) % 3 === 0 ? text.length : text.length - 1;
  const core = text.slice(from, whole);
  return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
}
