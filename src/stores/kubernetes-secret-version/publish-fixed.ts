import { GiveUp, LostRace, TryLater } from "../../core/errors.ts";
import type { Session } from "../../core/ports.ts";
import { claim, released } from "../kubernetes/claim.ts";
import { type At, Stored } from "../kubernetes/form.ts";
import { type Content, contentAfter, holds } from "./copy.ts";
import { type Family, isLabelled, marks, ownNumber, secretAt } from "./family.ts";
import { inUse } from "./in-use.ts";
import { usersOf } from "./users.ts";

/** The two names that take turns. */
export function fixedNames({ name }: Pick<Family, "name">): readonly string[] {
  return [`${name}-a`, `${name}-b`];
}

/**
 * Writes the version after the one in use into the one of the two Secrets that nothing runs on, unless one of them holds it
 * already: the way back finds the old content where it was. Nothing runs on a Secret that no pod template, no ReplicaSet with
 * replicas and no pod refers to; older revisions do refer to both names, and find there what was published last.
 *
 * @throws LostRace; TryLater version_still_read; GiveUp store_missing, not_labelled, type_differs, and those of `inUse` and `contentAfter`
 */
export async function publishFixed(
  family: Family,
  wanted: Readonly<Record<string, string | undefined>>,
  expect: string,
  session: Session,
): Promise<{ readonly version: string; readonly place: string }> {
  const { cluster, namespace } = family;
  const source = await inUse(family);
  const { name: from, resourceVersion } = source.metadata;
  const content = contentAfter(source, wanted);
  if (content === undefined) return { version: resourceVersion, place: from };
  const targets = await targetsOf(family, from);
  const there = targets.find((target) => holds(target, content));
  if (there !== undefined) return { version: there.metadata.resourceVersion, place: there.metadata.name };
  if (resourceVersion !== expect) {
    throw new LostRace(`Secret ${namespace}/${from} is in use at version ${resourceVersion}, not ${expect}`);
  }
  const target = await freeOf(family, targets);
  if (target.type !== source.type) throw typeDiffers(family, target, source);
  const at: At = { ...secretAt(family), name: target.metadata.name };
  const claimed = await claim(cluster, at, session, target.metadata.resourceVersion);
  const { labels, annotations } = marks(family, (ownNumber(family, source) ?? 0) + 1);
  const body = {
    metadata: { resourceVersion: claimed, labels, annotations: { ...annotations, ...released } },
    data: replacing(target, content),
  };
  const written = await cluster.patch(at, { kind: "merge", body }, Stored);
  const after = await cluster.find(secretAt(family, from), Stored);
  if (after?.metadata.resourceVersion !== expect) {
    throw new LostRace(`Secret ${namespace}/${from} was changed while it was copied to ${target.metadata.name}`);
  }
  return { version: written.metadata.resourceVersion, place: written.metadata.name };
}

/**
 * The Secrets that may be written now: those of the fixed names that are not in use.
 *
 * @throws GiveUp store_missing, not_labelled, store_immutable
 */
export async function targetsOf(family: Family, from: string): Promise<readonly Stored[]> {
  const { cluster, namespace, name } = family;
  const targets: Stored[] = [];
  for (const each of fixedNames(family).filter((fixed) => fixed !== from)) {
    const object = await cluster.find(secretAt(family, each), Stored);
    if (object === undefined) {
      throw new GiveUp("store_missing", `there is no Secret ${namespace}/${each}`, {
        hint: `kubectl create secret generic ${each} -n ${namespace}; kubectl label secret ${each} -n ${namespace} keyturn.dev/secret=${name}`,
      });
    }
    if (!isLabelled(family, object)) {
      throw new GiveUp("not_labelled", `Secret ${namespace}/${each} does not say that Keyturn may write over it`, {
        hint: `if nobody else needs what it holds: kubectl label secret ${each} -n ${namespace} keyturn.dev/secret=${name}`,
      });
    }
    if (object.immutable) {
      throw new GiveUp("store_immutable", `Secret ${namespace}/${each} is immutable: its data can never be changed`, {
        hint: "delete it and create it again without `immutable`",
      });
    }
    targets.push(object);
  }
  return targets;
}

/** The first of them that nothing runs on. */
export async function freeOf(family: Family, targets: readonly Stored[]): Promise<Stored> {
  const users = await usersOf(family, "running");
  const free = targets.find(({ metadata }) => !users.has(metadata.name));
  if (free !== undefined) return free;
  const read = targets.map(({ metadata: { name } }) => `${name} (${(users.get(name) ?? []).join(", ")})`);
  throw new TryLater("version_still_read", `no Secret can be written that nothing reads: ${read.join(", ")}`, {
    hint: "end what is named, or point it at the version in use",
    afterMs: 5_000,
  });
}

/** The type of a Secret can never be changed. */
export function typeDiffers({ namespace }: Family, target: Stored, source: Stored): GiveUp {
  const [to, from] = [target.metadata.name, source.metadata.name];
  return new GiveUp(
    "type_differs",
    `Secret ${namespace}/${to} is of type ${target.type}, and ${from} is of ${source.type}`,
    {
      hint: `delete ${to} and create it again with the type and the label keyturn.dev/secret`,
    },
  );
}

/** The whole content as a merge patch: what is not in it is removed. */
function replacing(target: Stored, { data }: Content): Readonly<Record<string, string | null>> {
  const gone = Object.keys(target.data).filter((key) => !Object.hasOwn(data, key));
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...data };
}
