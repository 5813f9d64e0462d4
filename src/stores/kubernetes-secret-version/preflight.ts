import { ownersOf } from "../../connections/kubernetes/owner.ts";
import { GiveUp, TryLater } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import { changesFor, textOf } from "../kubernetes/content.ts";
import type { Stored } from "../kubernetes/form.ts";
import { keyOf, unfitKeys } from "../kubernetes/keys.ts";
import { secretForm } from "../kubernetes/secret-form.ts";
import { type Family, ownNumber, secretAt } from "./family.ts";
import { inUse } from "./in-use.ts";
import { freeOf, targetsOf, typeDiffers } from "./publish-fixed.ts";
import { bodyOf } from "./publish-new.ts";
import { missingForFixed, missingForNew, Tried } from "./rights.ts";

/** Everything that stands in the way of making the next version, and what people should know before. Reads and dry runs. */
export async function preflight(
  family: Family,
  keys: readonly string[],
  { isFixed, immutable }: { readonly isFixed: boolean; readonly immutable: boolean },
): Promise<readonly Finding[]> {
  const unfit = unfitKeys(keys);
  if (unfit.length > 0) return unfit;
  const rights = isFixed ? await missingForFixed(family) : await missingForNew(family);
  if (rights.some(({ severity }) => severity === "error")) return rights;
  try {
    const source = await inUse(family);
    const findings = [
      ...rights,
      ...secretForm.notes(source, keys),
      ...keys.flatMap((name) => caught(() => textOf(secretForm, source, keyOf(name)))),
      ...detached(source, family),
    ];
    if (findings.some(({ severity }) => severity === "error")) return findings;
    return [...findings, ...(await (isFixed ? triedFixed(family, source) : triedNew(family, source, keys, immutable)))];
  } catch (error) {
    return [...rights, findingOf(error)];
  }
}

/** Admission, quotas and validity of the very object that will be made, with other values of our keys in it. */
async function triedNew(
  family: Family,
  source: Stored,
  keys: readonly string[],
  immutable: boolean,
): Promise<readonly Finding[]> {
  try {
    const tried = Object.fromEntries(keys.map((name) => [name, secretForm.standIn(source, keyOf(name))]));
    const changes = changesFor(secretForm, source, tried);
    const present = Object.entries({ ...source.data, ...changes }).filter(([, stored]) => stored !== null);
    const content = { type: source.type, data: Object.fromEntries(present.map(([key, value]) => [key, value ?? ""])) };
    const number = (ownNumber(family, source) ?? 0) + 100;
    const body = bodyOf(family, number, source, content, immutable);
    await family.cluster.create(secretAt(family), body, Tried, { dryRun: true });
    return [];
  } catch (error) {
    const finding = findingOf(error);
    if (finding.code !== "kubernetes_refused") return [finding];
    return [
      {
        severity: "warning",
        code: "dry_run_refused",
        sentence: `a version of ${family.namespace}/${family.name} could not be made beforehand, as a trial: ${finding.sentence}`,
        hint: "an admission webhook may not support dry runs; it decides only when the secret is published",
      },
    ];
  }
}

/** Whether there is a Secret to write next. Once this rotation has published, its two ends are in use, and that is as it should be. */
async function triedFixed(family: Family, source: Stored): Promise<readonly Finding[]> {
  const targets = await targetsOf(family, source.metadata.name);
  const wrong = targets.find(({ type }) => type !== source.type);
  if (wrong !== undefined) throw typeDiffers(family, wrong, source);
  if (ownNumber(family, source) === undefined) await freeOf(family, targets);
  return [];
}

/** Whoever writes the Secret before its first version does not write the versions. */
function detached(source: Stored, { namespace, name }: Family): readonly Finding[] {
  if (source.metadata.name !== name) return [];
  return ownersOf("Secret", source.metadata, []).map(({ source: owner }) => ({
    severity: "warning",
    code: "copies_detached",
    sentence: `Secret ${namespace}/${name} is written by ${owner}: versions are copies that it does not reach, so what it changes later stays behind in ${name}`,
    hint: "change neighbour keys in the version that is in use",
  }));
}

function caught(work: () => unknown): readonly Finding[] {
  try {
    work();
    return [];
  } catch (error) {
    return [findingOf(error)];
  }
}

function findingOf(error: unknown): Finding {
  if (!(error instanceof GiveUp) && !(error instanceof TryLater && error.code === "version_still_read")) throw error;
  const { code, message: sentence, hint } = error;
  return { severity: "error", code, sentence, ...(hint === undefined ? {} : { hint }) };
}
