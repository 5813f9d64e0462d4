import { Secret } from "../../../src/core/secret.ts";
import { baseAlphabet } from "../../../src/core/templates/alphabet.ts";
import { generated } from "../../../src/rotators/generated/rotator.ts";
import type { ArrangedWorld } from "../../contract/rotator-accept-first.ts";
import { wireThroughHttp } from "../../contract/wire-http.ts";
import { type Instance, type State, startInstances } from "./instances.ts";

export type World = ArrangedWorld & {
  readonly instances: readonly Instance[];
  /** Starts all instances with the account in use, misbehaving so. */
  readonly misbehave: (how: Omit<State, "account">) => void;
};

/** Two replicas of an application whose administrator a target sets, asked through the wire. An undefined value takes a key out of the entry. */
export async function makeWorld(entry: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const instances = await startInstances(2);
  const front = await wireThroughHttp(instances.map(({ port }) => port));
  const urls = (path: string): string[] => front.ports.map((port) => `http://127.0.0.1:${port}${path}`);
  const whole: Readonly<Record<string, unknown>> = {
    kind: "generated",
    name: "the administrator",
    email: "ops@the0.example",
    login: [{ urls: urls("/auth/login"), accepted: [200, 201], refused: 401 }],
    session: { token: "$.data.token", accept: [{ urls: urls("/auth/me"), refused: 401 }] },
    appliedWithin: "0s",
    deadWithin: "0s",
    ...entry,
  };
  const bound = generated.bind(Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)));
  const arrange: ArrangedWorld["arrange"] = async (uses, _accepts, only = [0, 1]) => {
    for (const number of only) instances[number]?.restart({ account: withEmail(uses) });
  };
  const canary = new Secret("a-value-behind-no-reference");
  const current = { public: { email: "ops@the0.example" }, secret: { password: new Secret("Chosen4ByHand-long") } };
  await arrange(current, undefined);
  return {
    bound,
    resolve: () => Promise.resolve(canary),
    alphabet: baseAlphabet,
    current,
    foreign: { public: { email: "" }, secret: {} },
    canaries: [canary.reveal()],
    wire: front.wire,
    arrange,
    instances,
    misbehave: (how) => {
      for (const instance of instances) instance.restart({ account: current, ...how });
    },
    close: async () => {
      await front.close();
      for (const instance of instances) await instance.close();
    },
  };
}

function withEmail(fields: Parameters<ArrangedWorld["arrange"]>[0]): typeof fields {
  return { public: { email: "ops@the0.example", ...fields.public }, secret: fields.secret };
}
