import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { KeyturnError } from "../../core/errors.ts";
import { atPath } from "../../core/json-path.ts";
import type { Expected } from "../../core/ports.ts";
import { ask } from "../../process/ask.ts";
import type { Run } from "../../process/run.ts";
import type { Sees } from "./config.ts";

/** `sameSecond`: it started in the very second of the publish and prints no fractions, so it cannot be told. */
export type Seen = { readonly on: "new" | "old" | "unknown"; readonly detail: string; readonly sameSecond?: boolean };

type Means = { readonly run: Run; readonly env: Readonly<Record<string, string>>; readonly signal: AbortSignal };

const lookMs = 10_000;

/** Looks once whether an instance runs on the new value. An instance that does not answer, or not clearly, is "unknown". */
export async function see(sees: Sees, expected: Expected, means: Means): Promise<Seen> {
  try {
    if ("started" in sees) return await seeStart(sees.started, expected.since, means);
    if ("http" in sees) return await seePage(sees, expected, means);
    return await seeDigest(sees, expected, means);
  } catch (error) {
    means.signal.throwIfAborted();
    if (error instanceof KeyturnError) return { on: "unknown", detail: error.message };
    throw error;
  }
}

async function seeStart(argv: readonly string[], since: string, means: Means): Promise<Seen> {
  const printed = (await output(argv, undefined, means)).trim();
  const seconds = /^\d{9,11}$/.test(printed);
  const started = seconds ? Number(printed) * 1_000 : Date.parse(iso.test(printed) ? printed : "");
  if (Number.isNaN(started)) return { on: "unknown", detail: "prints no time of its start" };
  const published = Date.parse(since);
  const detail = `started ${new Date(started).toISOString()}`;
  if (started > published) return { on: "new", detail };
  const coarse = started % 1_000 === 0 && started + 1_000 > published;
  return coarse
    ? { on: "unknown", detail: `${detail}, in the second of the publish`, sameSecond: true }
    : { on: "old", detail };
}

/** With a time and a zone: a local time would be taken for another one on another host. */
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;

async function seePage(sees: Extract<Sees, { http: string }>, expected: Expected, { signal }: Means): Promise<Seen> {
  const wanted = sees.equals.replaceAll(/\{\{\s*([\w.-]+)\s*\}\}/g, (_, field: string) => {
    const value = expected.public[field];
    if (value === undefined) throw new KeyturnError("unknown_field", `the credential has no public field ${field}`);
    return value;
  });
  const { status, body } = await ask({ url: sees.http, timeoutMs: lookMs }, signal);
  if (status !== 200) return { on: "unknown", detail: `answered ${status}` };
  const found = atPath(parsed(body), sees.json);
  if (typeof found !== "string" && typeof found !== "number" && typeof found !== "boolean") {
    return { on: "unknown", detail: `answered without ${sees.json}` };
  }
  const same = String(found) === wanted;
  return { on: same ? "new" : "old", detail: `${sees.json} is ${same ? wanted : "another value"}` };
}

async function seeDigest(sees: Extract<Sees, { key: string }>, expected: Expected, means: Means): Promise<Seen> {
  const value = expected.values[sees.key];
  if (value === undefined) return { on: "unknown", detail: `nothing is published under ${sees.key}` };
  const key = randomBytes(32).toString("hex");
  const printed = await output(sees.digest, `${key}\n`, means);
  const [hex] = /\b[0-9a-f]{64}\b/i.exec(printed) ?? [];
  if (hex === undefined) return { on: "unknown", detail: "prints no HMAC-SHA256" };
  const wanted = createHmac("sha256", key).update(value.reveal()).digest();
  const same = timingSafeEqual(wanted, Buffer.from(hex, "hex"));
  return { on: same ? "new" : "old", detail: `${sees.key} is ${same ? "what was published" : "another value"}` };
}

async function output(argv: readonly string[], stdin: string | undefined, means: Means): Promise<string> {
  const { code, signal, stdout } = await means.run({ argv, env: means.env, stdin, timeoutMs: lookMs }, means.signal);
  if (code === 0) return stdout;
  throw new KeyturnError("look_failed", `${argv[0] ?? ""} ended with ${signal ?? code ?? "no code"}`);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
