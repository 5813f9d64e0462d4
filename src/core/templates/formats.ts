import type { Format } from "../target.ts";
import type { EncoderName } from "./encoders.ts";
import { basicTokens } from "./formats/basic.ts";
import { jsonTokens } from "./formats/json.ts";
import { adoTokens, libpqTokens, stackexchangeTokens } from "./formats/pairs.ts";
import type { Token, Tokenizer } from "./formats/token.ts";
import { urlTokens } from "./formats/url.ts";
import { yamlTokens } from "./formats/yaml.ts";
import { adoScalar, base64Scalar, jsonScalar, libpqScalar, type Scalar, yamlScalar } from "./scalars.ts";

/** What a format knows: where values stand, how a whole value is quoted, and what a field in it must be encoded with. */
export type FormatRule = {
  readonly tokens: Tokenizer;
  /** Quotes a whole value where it must be; the encoder of the same name is then superfluous in a template. */
  readonly scalar: Scalar | undefined;
  readonly scalarName: EncoderName | undefined;
  /** Applied to each field last, character by character, also when the template does not name it. */
  readonly encoder: (path: string) => EncoderName | undefined;
  /** Whether a template without an explicit format is of this one, seen from the values it has. */
  readonly detect: (text: string, tokens: readonly Token[]) => boolean;
};

const none = { scalar: undefined, scalarName: undefined, encoder: () => undefined } as const;

/** All formats, in the order in which a text is compared with them; the last takes every text. */
export const formats: Readonly<Record<Format, FormatRule>> = {
  json: { tokens: jsonTokens, scalar: jsonScalar, scalarName: "json", encoder: () => undefined, detect: () => true },
  url: { ...none, tokens: urlTokens, encoder: (path) => (path === "host" ? undefined : "url"), detect: () => true },
  ado: {
    tokens: adoTokens,
    scalar: adoScalar,
    scalarName: "ado",
    encoder: () => undefined,
    detect: (text, tokens) => text.includes(";") && tokens.length > 0,
  },
  stackexchange: {
    ...none,
    tokens: stackexchangeTokens,
    detect: (text, tokens) => text.includes(",") && !/[;"']/.test(text) && names(tokens, ["user", "password"]),
  },
  libpq: {
    tokens: libpqTokens,
    scalar: libpqScalar,
    scalarName: "libpq",
    encoder: () => undefined,
    detect: (_text, tokens) =>
      tokens.length > 1 && names(tokens, ["host", "hostaddr", "user", "password", "dbname", "service"]),
  },
  yaml: {
    tokens: yamlTokens,
    scalar: yamlScalar,
    scalarName: "yaml",
    encoder: () => undefined,
    detect: (text, tokens) => tokens.length > 0 && text.trim().includes("\n"),
  },
  basic: {
    tokens: basicTokens,
    scalar: base64Scalar,
    scalarName: "base64",
    encoder: () => undefined,
    detect: (text) => /^Basic +[^\s:]+:/i.test(text),
  },
  text: { ...none, tokens: (text) => [{ path: "", from: 0, to: text.length }], detect: () => true },
};

const order = [
  "json",
  "basic",
  "url",
  "ado",
  "stackexchange",
  "libpq",
  "yaml",
  "text",
] as const satisfies readonly Format[];

/** The format that a template text has by its looks. */
export function detectFormat(text: string): Format {
  const found = order.find((format) => {
    const tokens = formats[format].tokens(text);
    return tokens !== undefined && formats[format].detect(text, tokens);
  });
  return found ?? "text";
}

function names(tokens: readonly Token[], paths: readonly string[]): boolean {
  return tokens.some((token) => paths.includes(token.path));
}
