import { isDeepStrictEqual } from "node:util";
import { GiveUp } from "../../core/errors.ts";
import { changesFor } from "../kubernetes/content.ts";
import type { Stored } from "../kubernetes/form.ts";
import { unfitKeys } from "../kubernetes/keys.ts";
import { secretForm } from "../kubernetes/secret-form.ts";

type Texts = Readonly<Record<string, string>>;

/** What a version holds, as stored. */
export type Content = { readonly type: string; readonly data: Texts };

/**
 * The content of the version after `source`: our keys changed, all others as they are. Undefined where nothing changes. Pure.
 *
 * @throws GiveUp store_key, and those of `changesFor`
 */
export function contentAfter(
  source: Stored,
  wanted: Readonly<Record<string, string | undefined>>,
): Content | undefined {
  const [unfit] = unfitKeys(Object.keys(wanted));
  if (unfit !== undefined) throw new GiveUp(unfit.code, unfit.sentence, { hint: unfit.hint });
  const changes = changesFor(secretForm, source, wanted);
  if (Object.keys(changes).length === 0) return undefined;
  const data = Object.entries({ ...source.data, ...changes }).filter(isPresent);
  return { type: source.type, data: Object.fromEntries(data) };
}

/** Whether an object holds exactly this. Pure. */
export function holds({ type, data }: Stored, content: Content): boolean {
  return isDeepStrictEqual({ type, data: { ...data } }, { type: content.type, data: { ...content.data } });
}

/**
 * The labels that a copy may bear. Without those by which other tools know what is theirs: they would keep the copy as they
 * want it, or delete it because no manifest names it. Pure.
 */
export function copiedLabels({ metadata }: Stored): Texts {
  const kept = Object.entries(metadata.labels).filter(([label]) => !tracks.some((pattern) => pattern.test(label)));
  return Object.fromEntries(kept);
}

const tracks: readonly RegExp[] = [
  /^keyturn\.dev\//,
  /^(?:[\w-]+\.)*argoproj\.io\//,
  /^(?:[\w-]+\.)*fluxcd\.io\//,
  /^(?:[\w-]+\.)*external-secrets\.io\//,
  /^app\.kubernetes\.io\/(?:instance|managed-by)$/,
  /^(?:[\w-]+\.)*helm\.sh\//,
];

function isPresent(pair: [string, string | null]): pair is [string, string] {
  return pair[1] !== null;
}
