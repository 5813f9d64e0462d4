import type { Expected } from "../../core/ports.ts";
import type { Workload } from "./objects.ts";

/** What a restart by Keyturn leaves on the pod template, and so on each pod that is made from it. */
export type Marks = Readonly<Record<string, string>>;

const published = "keyturn.dev/published";

/** The annotations of one restart: `kubectl rollout restart` knows the first, the others say for which publish it was. Pure. */
export function marksFor(rotationId: string, { since }: Pick<Expected, "since">): Marks {
  return {
    "kubectl.kubernetes.io/restartedAt": since,
    "keyturn.dev/rotation": rotationId,
    [published]: since,
  };
}

/** Whether these annotations bear all marks. Pure. */
export function bears(annotations: Readonly<Record<string, string>>, marks: Marks): boolean {
  return Object.entries(marks).every(([name, value]) => annotations[name] === value);
}

/** What is written on the workload itself: it stays there when somebody takes the marks out of the template. Pure. */
export function ownMark({ since }: Pick<Expected, "since">): Marks {
  return { [published]: since };
}

/**
 * When this publish was marked on the workload, by the clock of the API server (ms since 1970): pods that it made later were
 * made after the publish, whatever other clocks say. Undefined while it is not marked. Pure.
 */
export function markedAt({ metadata }: Workload, expected: Pick<Expected, "since">): number | undefined {
  if (!bears(metadata.annotations, ownMark(expected))) return undefined;
  const writer = metadata.managedFields.find(
    ({ manager, subresource, fieldsV1 }) =>
      manager === "keyturn" &&
      subresource === "" &&
      holdsField(fieldsV1, ["f:metadata", "f:annotations", `f:${published}`]),
  );
  const at = Date.parse(writer?.time ?? "");
  return Number.isNaN(at) ? undefined : at;
}

/** Whether a tree of fields (`managedFields[].fieldsV1`) has the field at the end of a path. Pure. */
function holdsField(tree: unknown, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  if (typeof tree !== "object" || tree === null) return false;
  const found = Object.entries(tree).find(([name]) => name === first);
  return found !== undefined && holdsField(found[1], rest);
}
