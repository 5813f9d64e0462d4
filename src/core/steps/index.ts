import type { StepKind } from "../plan.ts";
import type { StepContext, StepResult } from "../step.ts";
import { runAccept, runSign } from "./accept.ts";
import { runAnnounce } from "./announce.ts";
import { runCollect } from "./collect.ts";
import { runConfirm } from "./confirm.ts";
import { runDisable } from "./disable.ts";
import { runEnable } from "./enable.ts";
import { runForget } from "./forget.ts";
import { runGrace } from "./grace.ts";
import { runIdle } from "./idle.ts";
import { runIssue } from "./issue.ts";
import { runPreflight } from "./preflight.ts";
import { runProve } from "./prove.ts";
import { runPublish } from "./publish.ts";
import { runRecheck } from "./recheck.ts";
import { runRevoke } from "./revoke.ts";
import { runRollout } from "./rollout.ts";
import { runSoak } from "./soak.ts";
import { runTest } from "./test.ts";
import { runVerify } from "./verify.ts";
import { runWatch } from "./watch.ts";
import { runWitness } from "./witness.ts";

/** What each kind of step does, one file each. */
export const runStep: Readonly<Record<StepKind, (context: StepContext) => Promise<StepResult>>> = {
  announce: runAnnounce,
  preflight: runPreflight,
  collect: runCollect,
  issue: runIssue,
  test: runTest,
  accept: runAccept,
  sign: runSign,
  publish: runPublish,
  rollout: runRollout,
  soak: runSoak,
  verify: runVerify,
  witness: runWitness,
  grace: runGrace,
  recheck: runRecheck,
  idle: runIdle,
  enable: runEnable,
  disable: runDisable,
  watch: runWatch,
  revoke: runRevoke,
  confirm: runConfirm,
  prove: runProve,
  forget: runForget,
};
