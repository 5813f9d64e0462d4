import { inspect } from "node:util";
import { expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import {
  type BareWorld,
  guardThatStopsAfter,
  inWorld,
  issue,
  openIssuer,
  type RotatorWorld,
  wrong,
} from "./rotator-world.ts";

type SilentWorld = BareWorld & Pick<RotatorWorld, "canaries" | "foreign" | "wire" | "weaken">;

/** Law 5: nothing that comes out of a rotator, by success or by failure, holds a secret in any encoding. */
export function silentLaws(makeWorld: () => Promise<SilentWorld>): void {
  it("is silent: no result, error, ref or finding holds a secret or an encoding of one", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const heard: unknown[] = [world.bound, run.current.ref, run.proposed?.ref];
      const hear = async (call: Promise<unknown> | undefined): Promise<void> => {
        heard.push(await call?.catch((error: unknown) => error));
      };

      const wrongCurrent = wrong(run.current);
      const wrongAdmin = wrongAnswer(world);

      await hear(issuer.preflight(run.current));
      await hear(issuer.identify(world.foreign));
      await hear(openIssuer(world, run.rotationId, { resolve: async () => wrongAdmin }));
      await hear(issuer.test(wrongCurrent));
      const late = await openIssuer(world, run.rotationId, { guard: guardThatStopsAfter(0) });
      await hear(issue(late, run));
      await late.close();
      for (let command = 1; command <= 8; command += 1) {
        const cut = await openIssuer(world, run.rotationId);
        world.wire.reset();
        world.wire.cut(command, command % 2 === 0 ? "before" : "after");
        await hear(issue(cut, run));
        await hear(cut.list());
        world.wire.reset();
        await cut.close();
      }
      await hear(issue(issuer, run));
      await hear(issuer.list());
      await hear(issuer.usage?.(run.current.ref, undefined));
      if (run.proposed !== undefined) await hear(issuer.test(run.proposed));
      await hear(issuer.disable?.(run.current.ref));
      await hear(issuer.test(run.current));
      await hear(issuer.revoke(run.current.ref));
      await hear(issuer.test(run.current));
      await world.weaken?.();
      await hear(issue(issuer, run));
      await hear(issuer.preflight(run.current));

      const text = heard
        .map((value) => inspect(value, { depth: 30, showHidden: true, maxStringLength: null }))
        .join("\n");
      const secrets = [
        ...world.canaries,
        wrongAdmin.reveal(),
        ...[run.current, run.proposed, wrongCurrent].flatMap((credential) =>
          Object.values(credential?.secret ?? {}).map((value) => value.reveal()),
        ),
      ];
      expect(secrets.flatMap(encodings).filter((encoded) => text.includes(encoded))).toEqual([]);
      // The search itself must be able to find one.
      expect(
        encodings(secrets[0] ?? "").some((encoded) =>
          inspect({ leak: Buffer.from(secrets[0] ?? "").toString("base64") }).includes(encoded),
        ),
      ).toBe(true);
      expect(inspect(new Secret(secrets[0] ?? ""))).not.toContain(secrets[0]);
    }));
}

/** A wrong value of the right form for whatever the rotator resolves: the admin's password. */
function wrongAnswer(world: Pick<RotatorWorld, "canaries">): Secret {
  return wrong({ secret: { it: new Secret(world.canaries[0] ?? "") } }).secret.it;
}

function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ];
}
