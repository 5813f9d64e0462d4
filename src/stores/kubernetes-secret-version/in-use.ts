import { GiveUp } from "../../core/errors.ts";
import { Stored } from "../kubernetes/form.ts";
import { type Family, isLabelled, ownNumber, secretAt } from "./family.ts";
import { type Users, usersOf } from "./users.ts";

/**
 * The version that applications read: the one that workloads refer to. Where a roll-out of this rotation is half way they refer
 * to several, and the newest one of this rotation is the answer. Where nothing refers to any, it is the Secret itself.
 *
 * @throws GiveUp store_missing, two_answers
 */
export async function inUse(family: Family): Promise<Stored> {
  const { cluster, namespace, name } = family;
  const users = await usersOf(family, "templates");
  const found: { readonly name: string; readonly object: Stored | undefined }[] = [];
  for (const each of users.keys()) {
    const object = await cluster.find(secretAt(family, each), Stored);
    if (object === undefined || each === name || isLabelled(family, object)) found.push({ name: each, object });
  }
  const [first, ...more] = found;
  if (first === undefined) return existing(await cluster.find(secretAt(family, name), Stored), namespace, name);
  if (more.length === 0) return existing(first.object, namespace, first.name);
  const own = found
    .flatMap(({ object }) => (object === undefined ? [] : [{ object, number: ownNumber(family, object) ?? 0 }]))
    .filter(({ number }) => number > 0)
    .toSorted((a, b) => b.number - a.number)[0];
  if (own !== undefined) return own.object;
  throw new GiveUp(
    "two_answers",
    `workloads refer to ${found.length} versions of Secret ${namespace}/${name}: ${answers(found, users)}`,
    {
      hint: "point all of them at one version, or wait until the roll-out that is under way has ended, then ask again",
    },
  );
}

function answers(found: readonly { readonly name: string }[], users: Users): string {
  return found.map(({ name }) => `${name} (${(users.get(name) ?? []).join(", ")})`).join(", ");
}

function existing(object: Stored | undefined, namespace: string, name: string): Stored {
  if (object !== undefined) return object;
  throw new GiveUp("store_missing", `there is no Secret ${namespace}/${name}`, {
    hint: "create it with the keys that applications read: new versions are copies of the one before",
  });
}
