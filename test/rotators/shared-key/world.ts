import { Secret } from "../../../src/core/secret.ts";
import { alphabetFor } from "../../../src/core/templates/alphabet.ts";
import { sharedKey } from "../../../src/rotators/shared-key/rotator.ts";
import type { ArrangedWorld } from "../../contract/rotator-accept-first.ts";
import { openIssuer } from "../../contract/rotator-world.ts";
import { wireThroughHttp } from "../../contract/wire-http.ts";
import { type Instance, startInstance } from "../token-instances.ts";

export type World = ArrangedWorld & { readonly instances: readonly Instance[] };

/** Two services that call each other with one key, and a target that asks both, through the wire. */
export async function makeWorld(entry: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const instances: Instance[] = [];
  for (const number of [0, 1]) instances.push(await startInstance("HS256", () => instances[1 - number]?.port ?? 0));
  const front = await wireThroughHttp(instances.map(({ port }) => port));
  const urls = (path: string): string[] => front.ports.map((port) => `http://127.0.0.1:${port}${path}`);
  const bound = sharedKey.bind({
    kind: "shared-key",
    accept: [{ urls: urls("/internal") }],
    send: [{ urls: urls("/send"), shows: "$.sha256" }],
    ...entry,
  });
  const arrange: ArrangedWorld["arrange"] = async (uses, accepts, only = [0, 1]) => {
    for (const number of only) instances[number]?.restart({ uses, accepts });
  };
  const canary = new Secret("a-value-behind-no-reference");
  const bare = { bound, resolve: () => Promise.resolve(canary), alphabet: alphabetFor([], [], "+/=") };
  const none = { public: {}, secret: {} };
  const maker = await openIssuer({ ...bare, current: none, close: async () => undefined }, "r0");
  const made = await maker.propose?.({ rotationId: "r0", current: undefined, alphabet: alphabetFor([], [], "+/=") });
  if (made === undefined) throw new Error("it proposes nothing");
  const current = { public: made.public, secret: made.secret };
  await arrange(current, undefined);
  return {
    ...bare,
    current,
    foreign: none,
    canaries: [canary.reveal()],
    wire: front.wire,
    arrange,
    instances,
    close: async () => {
      await front.close();
      for (const instance of instances) await instance.close();
    },
  };
}
