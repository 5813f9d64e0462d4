import type { Patch } from "../../connections/kubernetes/cluster.ts";
import type { Marks } from "./marks.ts";
import { type Move, movable } from "./moves.ts";
import type { Workload } from "./objects.ts";

/** A restart: annotations of the pod template, as `kubectl rollout restart` sets one, and our mark on the workload itself. Pure. */
export function restartPatch(marks: Marks, own: Marks): Patch {
  return {
    kind: "merge",
    body: { metadata: { annotations: own }, spec: { template: { metadata: { annotations: marks } } } },
  };
}

/**
 * The marks and, in the same step, the name in every reference to another version of a moved Secret: one roll-out. Nothing
 * else is touched. It holds for the very version of the workload that was read; another one is a lost race. Pure.
 */
export function repointPatch({ metadata, spec }: Workload, marks: Marks, own: Marks, moves: readonly Move[]): Patch {
  const astray = movable(spec.template.spec, moves).filter(({ name, to }) => name !== to);
  return {
    kind: "json",
    body: [
      { op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
      ...annotated("/metadata/annotations", metadata.annotations, own),
      ...annotated("/spec/template/metadata/annotations", spec.template.metadata.annotations, marks),
      ...astray.flatMap(({ pointer, name, to }) => [
        { op: "test", path: `/spec/template/spec${pointer}`, value: name },
        { op: "replace", path: `/spec/template/spec${pointer}`, value: to },
      ]),
    ],
  };
}

function annotated(path: string, present: Readonly<Record<string, string>>, wanted: Marks): readonly object[] {
  if (Object.keys(present).length === 0) return [{ op: "add", path, value: wanted }];
  return Object.entries(wanted).map(([name, value]) => ({
    op: "add",
    path: `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
    value,
  }));
}
