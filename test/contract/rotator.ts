import { describe } from "vitest";
import { additiveLaws } from "./rotator-additive.ts";
import { cutLaws } from "./rotator-cut.ts";
import { interruptedLaws } from "./rotator-interrupted.ts";
import { ownWorkLaws } from "./rotator-own-work.ts";
import { promptLaws } from "./rotator-prompt.ts";
import { silentLaws } from "./rotator-silent.ts";
import { soundLaws } from "./rotator-sound.ts";
import { usageLaws } from "./rotator-usage.ts";
import type { RotatorWorld } from "./rotator-world.ts";

export type { RotatorWorld, Wire } from "./rotator-world.ts";

/**
 * The laws of an Issuer (`src/core/ports.ts`), against a real system. Every rotator's tests call this once for each
 * of its modes. `makeWorld` gives a new target whose credential works, each time it is called.
 */
export function rotatorContract(contract: {
  readonly name: string;
  readonly overlap: "dual" | "single";
  readonly makeWorld: () => Promise<RotatorWorld>;
  /** Names of the calls that are cut at every command (default: all). Only for a second mode of the same code. */
  readonly cut?: readonly string[];
  /** false: the issuer carries no mark, so nothing can be listed. */
  readonly lists?: boolean;
}): void {
  const { makeWorld, overlap, cut, lists = true } = contract;
  describe(`${contract.name} keeps the laws of an issuer`, () => {
    if (overlap === "dual") additiveLaws(makeWorld);
    if (overlap === "single") cutLaws(makeWorld, lists);
    usageLaws(makeWorld, overlap);
    soundLaws(makeWorld);
    ownWorkLaws(makeWorld, overlap);
    interruptedLaws(makeWorld, overlap, cut);
    promptLaws(makeWorld);
    silentLaws(makeWorld);
  });
}
