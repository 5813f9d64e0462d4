import { Secret } from "../../../src/core/secret.ts";
import { alphabetFor } from "../../../src/core/templates/alphabet.ts";
import { signingKey } from "../../../src/rotators/signing-key/rotator.ts";
import type { ArrangedWorld } from "../../contract/rotator-accept-first.ts";
import { openIssuer } from "../../contract/rotator-world.ts";
import { wireThroughHttp } from "../../contract/wire-http.ts";
import { type Instance, smoke, startInstance } from "../token-instances.ts";

export type World = ArrangedWorld & { readonly instances: readonly Instance[] };

export const clock = { now: () => new Date() };

/** Two instances that use a key of their own making, and a target that asks both, through the wire. */
export async function makeWorld(entry: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const algorithm = algorithmOf(entry["algorithm"]);
  const instances: Instance[] = [];
  for (const number of [0, 1]) instances.push(await startInstance(algorithm, () => instances[1 - number]?.port ?? 0));
  const front = await wireThroughHttp(instances.map(({ port }) => port));
  const urls = (path: string): string[] => front.ports.map((port) => `http://127.0.0.1:${port}${path}`);
  const bound = signingKey(clock).bind({
    kind: "signing-key",
    maxTokenLife: "1h",
    accept: [{ urls: urls("/me") }],
    sign: [{ urls: urls("/login"), body: { user: smoke.user, password: "env:SMOKE" }, token: "$.session.token" }],
    ...(algorithm === "HS256" ? {} : { jwks: urls("/jwks.json") }),
    ...entry,
  });
  const resolve = (reference: string): Promise<Secret> =>
    reference === "env:SMOKE"
      ? Promise.resolve(new Secret(smoke.password))
      : Promise.reject(new Error("no such reference"));
  const arrange: ArrangedWorld["arrange"] = async (uses, accepts, only = [0, 1]) => {
    for (const number of only) instances[number]?.restart({ uses, accepts });
  };
  const bare = { bound, resolve, alphabet: alphabetFor([], [], "+/=") };
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
    canaries: [smoke.password],
    wire: front.wire,
    arrange,
    instances,
    close: async () => {
      await front.close();
      for (const instance of instances) await instance.close();
    },
  };
}

function algorithmOf(named: unknown): "HS256" | "RS256" | "ES256" | "EdDSA" {
  return named === "RS256" || named === "ES256" || named === "EdDSA" ? named : "HS256";
}
