import { createHmac, randomBytes } from "node:crypto";
import { GiveUp } from "../../core/errors.ts";
import { atPath } from "../../core/json-path.ts";
import type { Reading } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { isObject } from "../../process/api/merge.ts";
import { type AskAsAdmin, documentOf } from "../../process/api/session.ts";
import type { Config } from "./config.ts";

/** What the application keeps, as it shows it, and which version of it that is. */
export type Kept = { readonly object: Readonly<Record<string, unknown>>; readonly version: string };

/** Where nothing is shown there is one version only. */
const unseen: Kept = { object: {}, version: "unseen" };

/** Reads the object. Throws GiveUp("store_missing") where it is not, GiveUp("no_etag") where its version is not told. */
export async function keptIn({ url, name, read }: Config, ask: AskAsAdmin): Promise<Kept> {
  if (read === undefined) return unseen;
  const { host } = new URL(url);
  const answer = await ask({ method: "GET", path: read.path, headers: read.headers, success: 200 }).catch(
    (error: unknown) => {
      if (!(error instanceof GiveUp) || error.code !== "api_missing") throw error;
      throw new GiveUp("store_missing", `${name}: ${error.message}`, { hint: error.hint });
    },
  );
  const object = atPath(documentOf(answer), read.object);
  if (!isObject(object)) throw new GiveUp("store_missing", `${name}: ${host} shows no object at ${read.object}`);
  const [etag] = answer.headers.get("etag") ?? [];
  if (!read.etag) return { object, version: digest(read.values === undefined ? object : shownIn(read.values, object)) };
  if (etag === undefined) {
    throw new GiveUp("no_etag", `${name}: ${host} sends no ETag`, { hint: "leave `etag` out; versions are compared" });
  }
  return { object, version: etag };
}

/** Exactly the keys asked for. None of them has a value where the application does not show what it holds. */
export function readingOf({ read }: Config, { object, version }: Kept, keys: readonly string[]): Reading {
  const values = keys.map((key) => {
    const path = read?.values?.[key];
    const found = path === undefined ? undefined : atPath(object, path);
    return [key, typeof found === "string" ? new Secret(found) : undefined] as const;
  });
  return { version, values: Object.fromEntries(values) };
}

/**
 * What a version is made of: the rest of the object may change by itself (a time, a counter), and is taken as it is at the instant
 * of a write.
 */
function shownIn(values: Readonly<Record<string, string>>, object: object): object {
  return Object.entries(values).map(([key, path]) => [key, atPath(object, path) ?? null]);
}

/** Of this process, so that nobody can try guesses of a secret against a version. */
const salt = randomBytes(32);

/** Names a content without showing it. */
function digest(object: object): string {
  return createHmac("sha256", salt).update(JSON.stringify(object)).digest("hex").slice(0, 12);
}
