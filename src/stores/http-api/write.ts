import { GiveUp } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { keptNames } from "../../process/api/config.ts";
import { marksIn } from "../../process/api/marks.ts";
import type { Asked } from "../../process/api/session.ts";
import type { Config } from "./config.ts";
import type { Kept } from "./object.ts";

/** By key; undefined: the key is to be removed. */
export type Patch = Readonly<Record<string, Secret | undefined>>;

/**
 * The request that writes a patch. Members of the body whose keys are not in it are left out. A key that is to be removed becomes
 * null, or is left out of the whole object where that is sent. `{{KEY}}` stays a mark until it is sent.
 */
export function writeOf({ write, read, admin }: Config, patch: Patch, { object, version }: Kept): Asked {
  const { merge, send = Object.keys(object), body = bodyOf(patch), ...call } = write;
  const headers = read?.etag === true ? { ...call.headers, "if-match": version } : call.headers;
  const asked = { ...call, headers, changes: true } as const;
  const kept = keptNames(admin);
  const keysIn = (text: string): readonly string[] =>
    marksIn(text).flatMap((mark) => (isOther(mark, kept) ? [] : [mark.replace(/\|url$/, "")]));
  if (typeof body === "string") {
    const without = keysIn(body).filter((key) => patch[key] === undefined);
    if (without.length === 0) return { ...asked, body };
    throw new GiveUp("key_not_removable", `${without.join(", ")} cannot be left out of a body that is a text`, {
      hint: "write the body as an object",
    });
  }
  const part = partOf(body, merge ? undefined : null, (text) => {
    const keys = keysIn(text);
    if (keys.some((key) => !Object.hasOwn(patch, key))) return "skip";
    return keys.some((key) => patch[key] === undefined) ? "remove" : "keep";
  });
  if (!merge) return { ...asked, body: part };
  return {
    ...asked,
    body: part,
    into: Object.fromEntries(Object.entries(object).filter(([name]) => send.includes(name))),
  };
}

function bodyOf(patch: Patch): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(patch).map((key) => [key, `{{${key}}}`]));
}

function isOther(mark: string, kept: readonly string[]): boolean {
  return kept.includes(mark) || /^(?:env|file):/.test(mark);
}

type Judge = (text: string) => "keep" | "skip" | "remove";

/** What of a body is sent. `removed` stands for a member that is removed: undefined is left out when it is written as JSON. */
function partOf(body: object, removed: null | undefined, judge: Judge): Readonly<Record<string, unknown>> {
  const members = Object.entries(body).flatMap(([name, value]): (readonly [string, unknown])[] => {
    if (typeof value === "string") {
      const verdict = judge(value);
      return verdict === "skip" ? [] : [[name, verdict === "remove" ? removed : value]];
    }
    const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
    return [[name, isPlain ? partOf(value, removed, judge) : value]];
  });
  return Object.fromEntries(members);
}
