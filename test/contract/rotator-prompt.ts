import { expect, it } from "vitest";
import type { Issuer } from "../../src/core/ports.ts";
import { type BareWorld, inWorld, issue, openIssuer, type RotatorWorld, type Run } from "./rotator-world.ts";

/** Below any time-out of a command, far above what settling takes. */
const soonMs = 5_000;

/** Law 6: it settles when it is aborted, also in the middle of a command that never gets an answer. */
export function promptLaws(makeWorld: () => Promise<BareWorld & Pick<RotatorWorld, "wire">>): void {
  it("refuses to begin when it is aborted already", () =>
    inWorld(makeWorld, async (world, _issuer, run) => {
      await expect(openIssuer(world, run.rotationId, { signal: AbortSignal.abort() })).rejects.toThrow();
    }));

  it.each(Object.keys(calls))("settles soon after an abort while the issuer does not answer: %s", (name) =>
    inWorld(makeWorld, async (world, _issuer, run) => {
      const abort = new AbortController();
      const issuer = await openIssuer(world, run.rotationId, { epoch: 2, signal: abort.signal });
      try {
        world.wire.stall();
        const settled = (calls[name]?.(issuer, run) ?? Promise.reject(new Error("not offered"))).then(
          () => "fulfilled",
          () => "rejected",
        );
        await new Promise((resolve) => setTimeout(resolve, 50));
        abort.abort();

        expect(await Promise.race([settled, later("still waiting")])).not.toBe("still waiting");
      } finally {
        const closed = issuer.close();
        world.wire.resume();
        await closed;
      }
    }),
  );
}

const calls: Readonly<Record<string, (issuer: Issuer, run: Run) => Promise<unknown> | undefined>> = {
  fence: (issuer) => issuer.fence(),
  preflight: (issuer, run) => issuer.preflight(run.current),
  list: (issuer) => issuer.list(),
  issue: (issuer, run) => issue(issuer, run),
  test: (issuer, run) => issuer.test(run.current),
  disable: (issuer, run) => issuer.disable?.(run.current.ref),
  revoke: (issuer, run) => issuer.revoke(run.current.ref),
  usage: (issuer, run) => issuer.usage?.(run.current.ref, undefined),
};

function later(text: string): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve(text), soonMs).unref());
}
