import { expect, it } from "vitest";
import { judged } from "../../../src/consumers/kubernetes-workload/judge.ts";
import { marksFor } from "../../../src/consumers/kubernetes-workload/marks.ts";
import { Pod } from "../../../src/consumers/kubernetes-workload/objects.ts";

const since = "2026-11-21T10:00:00.500Z";
const marks = marksFor("r-7f3a", { since });
const at = (seconds: string): string => `2026-11-21T10:00:${seconds}Z`;

it.each([
  ["made before the publish", { made: at("00") }, "old"],
  ["made in the second of the publish", { made: "2026-11-21T10:00:00Z" }, "old"],
  ["made so soon after it that clocks may differ by more", { made: at("02") }, "old"],
  ["made clearly after it", { made: at("03") }, "new"],
  ["made long before it, with the marks of its restart", { made: at("00"), annotations: marks }, "new"],
  [
    "with the marks of another publish of this rotation",
    { made: at("00"), annotations: marksFor("r-7f3a", { since: at("00") }) },
    "old",
  ],
  ["with the marks of another rotation", { made: at("00"), annotations: marksFor("r-1111", { since }) }, "old"],
  ["made in the second of our mark on the workload", { made: at("10"), marked: at("10") }, "old"],
  ["made in the second after that mark", { made: at("11"), marked: at("10") }, "new"],
  ["made after the publish and before that mark", { made: at("09"), marked: at("10") }, "old"],
  ["that is ending, whatever it bears", { made: at("11"), annotations: marks, deleted: at("12") }, "old"],
] as const)("a pod %s is %s", (_, seen, on) => {
  const { made, annotations, marked, deleted } = { annotations: {}, marked: undefined, deleted: undefined, ...seen };
  const pod = Pod.parse({
    metadata: {
      name: "web-1",
      uid: "u",
      resourceVersion: "1",
      creationTimestamp: made,
      annotations,
      ...(deleted === undefined ? {} : { deletionTimestamp: deleted }),
    },
    spec: {},
  });

  const judgement = judged(pod, {
    marks,
    moves: [],
    markedAtMs: marked === undefined ? undefined : Date.parse(marked),
    sinceMs: Date.parse(since),
    isReloaded: () => false,
  });

  expect(judgement).toMatchObject({ on, ready: false });
});
