import { expect, it } from "vitest";
import type { Credential } from "../../src/core/credential.ts";
import type { Issuer } from "../../src/core/ports.ts";
import {
  begin,
  issue,
  newRotationId,
  openIssuer,
  type RotatorWorld,
  type Run,
  verdictWithin,
} from "./rotator-world.ts";

/** A call that changes something, and what must have happened before it. */
type Stage = {
  readonly name: string;
  readonly prepare: (issuer: Issuer, run: Run) => Promise<void>;
  readonly act: (issuer: Issuer, run: Run, pending: Credential) => Promise<unknown>;
};

type Kill = { readonly command: number; readonly when: "before" | "after" };

/** Law 3: killed before or after any command on the wire and called again by the next holder, the end is the same. */
export function interruptedLaws(
  makeWorld: () => Promise<RotatorWorld>,
  overlap: "dual" | "single",
  only?: readonly string[],
): void {
  const stages = overlap === "dual" ? dualStages : singleStages;
  for (const stage of stages.filter(({ name }) => only?.includes(name) ?? true)) {
    it(`is interruptible: ${stage.name} ends the same when the line is cut before or after each command`, async () => {
      const undisturbed = await runOnce(makeWorld, stage, undefined);
      expect(undisturbed.commands).toBeGreaterThan(0);

      for (let command = 1; command <= undisturbed.commands; command += 1) {
        for (const when of ["before", "after"] as const) {
          const disturbed = await runOnce(makeWorld, stage, { command, when });
          expect({ command, when, end: disturbed.end }).toEqual({ command, when, end: undisturbed.end });
        }
      }
    });
  }
}

const dualStages: readonly Stage[] = [
  { name: "issue", prepare: async () => undefined, act: issue },
  {
    name: "disable",
    prepare: async (issuer, run) => void (await issue(issuer, run)),
    act: async (issuer, run) => issuer.disable?.(run.current.ref) ?? issuer.list(),
  },
  {
    name: "enable",
    prepare: async (issuer, run) => {
      await issue(issuer, run);
      await issuer.disable?.(run.current.ref);
    },
    act: async (issuer, run) => issuer.enable?.(run.current) ?? issuer.list(),
  },
  {
    name: "revoke of the old one",
    prepare: async (issuer, run) => {
      await issue(issuer, run);
      await issuer.disable?.(run.current.ref);
    },
    act: (issuer, run) => issuer.revoke(run.current.ref),
  },
  {
    name: "revoke of the pending one",
    prepare: async (issuer, run) => void (await issue(issuer, run)),
    act: (issuer, _run, pending) => issuer.revoke(pending.ref),
  },
];

const singleStages: readonly Stage[] = [
  { name: "issue", prepare: async () => undefined, act: issue },
  {
    name: "issue of the old value, on the way back",
    prepare: async (issuer, run) => void (await issue(issuer, run)),
    act: (issuer, run, pending) =>
      issuer.issue({ rotationId: run.rotationId, proposed: run.current, current: pending }),
  },
];

async function runOnce(
  makeWorld: () => Promise<RotatorWorld>,
  stage: Stage,
  kill: Kill | undefined,
): Promise<{ readonly commands: number; readonly end: unknown }> {
  const world = await makeWorld();
  try {
    const rotationId = newRotationId();
    const first = await openIssuer(world, rotationId);
    const run = await begin(world, first, rotationId);
    const strangers = await world.strangers();
    await stage.prepare(first, run);
    const pending = run.proposed ?? run.current;

    world.wire.reset();
    if (kill !== undefined) world.wire.cut(kill.command, kill.when);
    await stage.act(first, run, pending).catch((error: unknown) => {
      if (kill === undefined) throw error;
    });
    const commands = world.wire.commands();
    await first.close();

    const next = await openIssuer(world, rotationId, { epoch: 2 });
    try {
      await next.fence();
      await stage.act(next, run, pending);
      return { commands, end: await endState(next, world, run, pending, strangers) };
    } finally {
      await next.close();
    }
  } finally {
    await world.close();
  }
}

/** What is compared: names and values differ from world to world, so only who lives, and how many. */
async function endState(
  issuer: Issuer,
  world: RotatorWorld,
  run: Run,
  pending: Credential,
  strangers: string,
): Promise<unknown> {
  const { issueWithinMs, deadWithinMs } = world.bound.shape;
  const listed = await issuer.list();
  const oldVerdict = (await issuer.test(run.current)).verdict;
  return {
    old: oldVerdict === "accepted" ? await verdictWithin(issuer, run.current, "refused", deadWithinMs) : oldVerdict,
    pending: await verdictWithin(issuer, pending, "accepted", Math.max(issueWithinMs, 0)),
    listed: listed.map((entry) => `${entry.ref.principal === run.current.ref.principal} ${entry.enabled}`).sort(),
    ours: listed.filter((entry) => entry.ref.generation === pending.ref.generation).length,
    strangersUntouched: (await world.strangers()) === strangers,
  };
}
