import { randomBytes } from "node:crypto";
import { atPath } from "../../core/json-path.ts";
import type { CheckScope } from "../../core/ports.ts";
import type { Answer } from "../../process/ask.ts";
import type { Config } from "./config.ts";

type Fresh = NonNullable<Config["fresh"]>;
type Asked = Pick<Config, "headers" | "body"> & { readonly url: string };

/** A word that no cache has heard: `{{nonce}}` in URL, headers and body stands for it. */
export function newNonce(): string {
  return randomBytes(8).toString("hex");
}

/** The request with the nonce in it. */
export function withNonce<T extends Asked>(asked: T, nonce: string): T {
  const put = (text: string): string => text.replaceAll(/\{\{\s*nonce\s*\}\}/g, nonce);
  const deep = <V>(value: V): V => JSON.parse(put(JSON.stringify(value)));
  const body = asked.body === undefined ? {} : { body: deep(asked.body) };
  return { ...asked, url: put(asked.url), headers: deep(asked.headers), ...body };
}

/**
 * What of an answer may come out of a cache that was filled before the value was published, one word each; empty: it is fresh.
 * Before anything is published the present counts.
 */
export function staleParts(
  { echo, at, headers, skew }: Fresh,
  answer: Pick<Answer, "headers">,
  document: unknown,
  nonce: string,
  { expected, since }: Pick<CheckScope, "expected" | "since">,
): readonly string[] {
  const earliest = Date.parse(expected?.since ?? since) - skew;
  const isLate = (ms: number): boolean => ms >= earliest;
  const header = (name: string): string => answer.headers.get(name)?.[0] ?? "";
  return [
    ...(echo === undefined || atPath(document, echo) === nonce ? [] : ["nonce"]),
    ...(at === undefined || isLate(timeOf(atPath(document, at))) ? [] : ["time"]),
    ...(headers !== true || (isLate(wholeSecond(header("date"))) && /^0*$/.test(header("age"))) ? [] : ["date"]),
  ];
}

/** A Date header has whole seconds: the answer may have been made at the end of that one. */
function wholeSecond(text: string): number {
  return Date.parse(text) + 999;
}

/** ISO 8601, or seconds or milliseconds since 1970. */
function timeOf(value: unknown): number {
  if (typeof value === "string") return Date.parse(value);
  if (typeof value !== "number") return Number.NaN;
  return value < 1e11 ? value * 1_000 : value;
}
