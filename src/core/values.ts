import type { Credential } from "./credential.ts";
import { inconsistent } from "./decide.ts";
import type { Plan } from "./plan.ts";
import { Secret } from "./secret.ts";
import { isWrittenFor, type Value } from "./target.ts";
import { parseTemplate } from "./templates/parse.ts";
import { editByField, type Fields, type Mismatch, mergeFields, readBack, renderTemplate } from "./templates.ts";

type Present = Readonly<Record<string, Secret | undefined>>;
type Publishes = Pick<Plan, "publishes">;
const empty = new Secret("");

/**
 * What the keys of one publish will hold for a credential: the existing text edited by field where there is one (options
 * added by hand stay), else the template rendered. A key of the slot `accepted` holds that credential, and is absent when
 * nothing is accepted. A key that is not written for this credential (`only`) keeps its text,
 * or stays absent. Pure. Throws GiveUp when an existing text does not have the template's shape, or a
 * template cannot carry the credential.
 */
export function nextValues(
  plan: Publishes,
  index: number,
  existing: Present,
  credential: Credential,
  accepted?: Credential,
): Readonly<Record<string, Secret>> {
  return Object.fromEntries(
    Object.entries(publishAt(plan, index).values).flatMap(([key, value]) => {
      const before = existing[key];
      if (!isWrittenFor(value, credential.public)) {
        return before === undefined ? [] : [[key, before]];
      }
      const template = templateOf(value);
      const shown = template.slot === "accepted" ? accepted : credential;
      if (shown === undefined) {
        return [];
      }
      return [[key, before === undefined ? renderTemplate(template, shown) : editByField(template, before, shown)]];
    }),
  );
}

/**
 * The credential that one key's text gives back; fields that its template does not carry are taken from `known`. Undefined
 * when it cannot be read, and for a key with `only`, which applications do not log in with.
 */
export function readBackCredential(
  plan: Plan,
  index: number,
  key: string,
  text: Secret,
  known: Credential,
): Credential | undefined {
  const value = publishAt(plan, index).values[key];
  if (value === undefined || value.only !== undefined || templateOf(value).slot === "accepted") {
    return undefined;
  }
  const read = readBack(templateOf(value), text, plan.rotator.fields);
  return "mismatch" in read
    ? undefined
    : { ref: known.ref, public: { ...known.public, ...read.public }, secret: { ...known.secret, ...read.secret } };
}

/**
 * What all present keys of all stores say of one credential together, or everything that is wrong with them at once.
 * Undefined: no key is there. Keys of the slot `accepted` say nothing of the one in use. Keys with `only` are passed over: one of them holds another credential, and neither proves
 * which one is in use, and so are stores that cannot be read.
 */
export function readAll(
  plan: Pick<Plan, "publishes" | "rotator">,
  readings: readonly Present[],
): Fields | Mismatch | undefined {
  const found: Fields[] = [];
  const wrong: string[] = [];
  let absent = 0;
  for (const [index, reading] of readings.entries()) {
    if (publishAt(plan, index).readable === false) {
      continue;
    }
    for (const [key, value] of Object.entries(publishAt(plan, index).values)) {
      if (value.only !== undefined || templateOf(value).slot === "accepted") {
        continue;
      }
      const text = reading[key];
      if (text === undefined) {
        absent += 1;
        continue;
      }
      const read = readBack(templateOf(value), text, plan.rotator.fields);
      if ("mismatch" in read) {
        wrong.push(`${publishAt(plan, index).label}, key ${key}: ${read.mismatch}`);
      } else {
        found.push(read);
      }
    }
  }
  if (found.length === 0 && wrong.length === 0) {
    return undefined;
  }
  if (absent > 0) {
    wrong.push(`${String(absent)} of our keys ${absent === 1 ? "is" : "are"} missing in the stores`);
  }
  const merged = mergeFields(found);
  if ("mismatch" in merged) {
    wrong.push(merged.mismatch);
  }
  return wrong.length > 0 ? { mismatch: wrong.join("; ") } : merged;
}

/** Keys of the slot `accepted` that hold something, as "store, key NAME". */
export function acceptedAlready(plan: Publishes, readings: readonly Present[]): readonly string[] {
  return readings.flatMap((reading, index) => {
    const { label, values } = publishAt(plan, index);
    const taken = Object.entries(values).filter(
      ([key, value]) =>
        templateOf(value).slot === "accepted" && reading[key] !== undefined && !reading[key].equals(empty),
    );
    return taken.map(([key]) => `${label}, key ${key}`);
  });
}

function publishAt(plan: Publishes, index: number): Plan["publishes"][number] {
  const publish = plan.publishes[index];
  if (publish === undefined) {
    throw inconsistent(`the plan has no publish ${String(index)}`);
  }
  return publish;
}

function templateOf(value: Value) {
  return parseTemplate(value.template, value.format);
}
