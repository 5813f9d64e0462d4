import { GiveUp } from "../../core/errors.ts";
import { atPath } from "../../core/json-path.ts";
import type { Words } from "../../process/api/fill.ts";
import { isObject } from "../../process/api/merge.ts";
import { type AskAsAdmin, documentOf } from "../../process/api/session.ts";
import type { Config } from "./config.ts";

/** Sets the password with one request, after a read of the object where the API takes only whole ones. */
export async function setPassword(
  { url, set: { read, ...set } }: Config,
  ask: AskAsAdmin,
  words: Words,
): Promise<void> {
  if (read === undefined) {
    await ask({ ...set, changes: true }, words);
    return;
  }
  const answer = await ask({ method: "GET", path: read.path, headers: {}, success: 200 }, words);
  const object = atPath(documentOf(answer), read.object);
  if (!isObject(object)) {
    const { host } = new URL(url);
    throw new GiveUp("object_not_found", `${host} has no object at ${read.object} of GET ${read.path}`);
  }
  const { send = Object.keys(object) } = read;
  const sent = Object.fromEntries(Object.entries(object).filter(([name]) => send.includes(name)));
  const [etag] = answer.headers.get("etag") ?? [];
  const headers = etag === undefined ? set.headers : { ...set.headers, "if-match": etag };
  await ask({ ...set, headers, into: sent, changes: true }, words);
}
