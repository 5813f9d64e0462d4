import { GiveUp, LostRace } from "../../core/errors.ts";
import { Stored } from "../kubernetes/form.ts";
import { type Content, contentAfter, copiedLabels, holds } from "./copy.ts";
import { type Family, marks, ownNumber, secretAt, versionName } from "./family.ts";
import { inUse } from "./in-use.ts";

type Published = { readonly version: string; readonly place: string };

/** No rotation publishes more often. */
const mostVersions = 50;

/**
 * Makes the version after the one in use, unless this rotation made it already. The one in use is only read; when it is another
 * one, or changes while the copy is made, that is a lost race, and the copy stays where nobody refers to it.
 *
 * @throws LostRace; GiveUp too_many_versions, and those of `inUse` and `contentAfter`
 */
export async function publishNew(
  family: Family,
  wanted: Readonly<Record<string, string | undefined>>,
  expect: string,
  immutable: boolean,
): Promise<Published> {
  const { cluster, namespace } = family;
  const source = await inUse(family);
  const { name: from, resourceVersion } = source.metadata;
  const content = contentAfter(source, wanted);
  if (content === undefined) return { version: resourceVersion, place: from };
  if (resourceVersion !== expect) {
    throw new LostRace(`Secret ${namespace}/${from} is in use at version ${resourceVersion}, not ${expect}`);
  }
  const made = await make(family, source, content, immutable);
  const after = await cluster.find(secretAt(family, from), Stored);
  if (after?.metadata.resourceVersion !== expect) {
    throw new LostRace(`Secret ${namespace}/${from} was changed while its copy ${made.place} was made`);
  }
  return made;
}

/** The body of a version; `number` is its number among those of the rotation. Pure. */
export function bodyOf(family: Family, number: number, source: Stored, content: Content, immutable: boolean): object {
  const { labels, annotations } = marks(family, number);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: versionName(family, number), labels: { ...copiedLabels(source), ...labels }, annotations },
    ...(immutable ? { immutable } : {}),
    ...content,
  };
}

async function make(family: Family, source: Stored, content: Content, immutable: boolean): Promise<Published> {
  const isMade = (object: Stored | undefined): object is Stored =>
    object !== undefined && ownNumber(family, object) !== undefined && holds(object, content);
  const { newest, free } = await madeSoFar(family, (ownNumber(family, source) ?? 0) + 1);
  if (isMade(newest)) return placeOf(newest);
  try {
    const body = bodyOf(family, free, source, content, immutable);
    return placeOf(await family.cluster.create(secretAt(family), body, Stored));
  } catch (error) {
    if (!(error instanceof LostRace)) throw error;
    // Somebody was quicker with this name: an older holder of this rotation makes the same.
    const other = await find(family, free);
    if (isMade(other)) return placeOf(other);
    throw error;
  }
}

/** The object with the highest number so far, and the next number, beginning at `first`. Somebody else's object may have a name, too. */
async function madeSoFar(
  family: Family,
  first: number,
): Promise<{ readonly newest: Stored | undefined; readonly free: number }> {
  let newest: Stored | undefined;
  for (let number = first; number < first + mostVersions; number += 1) {
    const object = await find(family, number);
    if (object === undefined) return { newest, free: number };
    newest = object;
  }
  throw new GiveUp("too_many_versions", `there are ${mostVersions} versions of this rotation already`);
}

function find(family: Family, number: number): Promise<Stored | undefined> {
  return family.cluster.find(secretAt(family, versionName(family, number)), Stored);
}

function placeOf({ metadata: { name, resourceVersion } }: Stored): Published {
  return { version: resourceVersion, place: name };
}
