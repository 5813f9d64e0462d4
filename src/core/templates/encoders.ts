import { adoScalar, base64Scalar, jsonScalar, libpqScalar, pgpassScalar, shellScalar, yamlScalar } from "./scalars.ts";

/**
 * Writes a value so that it can stand inside another text, and reads it back. `decode(encode(value)) === value` for every
 * well-formed string without NUL; `decode` answers undefined for a text that `encode`'s grammar does not have.
 */
export type Encoder = {
  readonly encode: (value: string) => string;
  readonly decode: (raw: string) => string | undefined;
  /** Every character that `encode` may produce; undefined: any. */
  readonly alphabet: string | undefined;
  /** Where the encoded text that starts at `from` may end at the earliest: behind its closing quote. Absent: anywhere. */
  readonly skip?: (text: string, from: number) => number;
};

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Percent-encoding of all but RFC 3986's unreserved characters: right in user info, path segments and query values. */
const url: Encoder = {
  encode: (value) =>
    encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
  decode: (raw) => {
    try {
      return decodeURIComponent(raw);
    } catch {
      return undefined;
    }
  },
  alphabet: `${alphanumeric}-._~%`,
};

/** Standard base64 with padding, of UTF-8. */
const base64: Encoder = {
  encode: (value) => base64Scalar.encode(value, ""),
  decode: base64Scalar.decode,
  alphabet: `${alphanumeric}+/=`,
};

const scalar = (of: typeof adoScalar): Encoder => ({
  encode: (value) => of.encode(value, ""),
  decode: of.decode,
  alphabet: undefined,
  skip: of.skip,
});

const names = ["url", "ado", "json", "yaml", "base64", "libpq", "pgpass", "shell"] as const;
export type EncoderName = (typeof names)[number];

/** The encoders that a template may name. */
export const encoders: Readonly<Record<EncoderName, Encoder>> = {
  url,
  ado: scalar(adoScalar),
  json: scalar(jsonScalar),
  yaml: scalar(yamlScalar),
  base64,
  libpq: scalar(libpqScalar),
  pgpass: scalar(pgpassScalar),
  shell: scalar(shellScalar),
};

export const encoderNames: readonly string[] = names;

/** Whether a text names an encoder. */
export function isEncoder(name: string): name is EncoderName {
  return Object.hasOwn(encoders, name);
}

/** Applies encoders from left to right. */
export function encodeWith(chain: readonly EncoderName[], value: string): string {
  return chain.reduce((text, name) => encoders[name].encode(text), value);
}

/** Takes encoders back, from right to left; undefined where the text is not theirs. */
export function decodeWith(chain: readonly EncoderName[], raw: string): string | undefined {
  return chain.reduceRight<string | undefined>(
    (text, name) => (text === undefined ? undefined : encoders[name].decode(text)),
    raw,
  );
}
