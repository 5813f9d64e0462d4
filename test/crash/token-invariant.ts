import { z } from "zod";
import { ask } from "../../sandbox/world/token-http.ts";
import type { TokenWorld } from "../../sandbox/world/token-world.ts";

/** What must hold at every moment, whoever was killed; looked at from outside. */
export type Invariant = {
  /** Looks once, beginning now or after the look that is under way. `point`: what is said when it does not hold. */
  readonly look: (point: string) => Promise<void>;
  /** A sentence for each time that it did not hold. */
  readonly broken: () => readonly string[];
  /** How often everything was looked at. */
  readonly looks: () => number;
};

type Instance = { readonly id: string; readonly url: string };
/** The status that one instance gives to what another one makes now. Undefined: one of the two does not run. */
type Try = (maker: Instance, others: readonly Instance[]) => Promise<readonly (readonly [string, number])[]>;

const Token = z.object({ token: z.string() });
const Called = z.object({ status: z.int() });

/**
 * What any instance makes now is accepted by every instance: no service signs with a key, or sends one, that another does not
 * accept. An instance that is being restarted makes and accepts nothing.
 */
export function acceptedEverywhere(world: TokenWorld, what: "tokens" | "calls"): Invariant {
  const instances = world.services.flatMap((service) => service.instances);
  const tries = what === "tokens" ? tryToken : tryCall;
  const broken: string[] = [];
  let looks = 0;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  async function look(point: string): Promise<void> {
    next = undefined;
    for (const maker of instances) {
      for (const [other, status] of await tries(maker, instances).catch(() => [])) {
        if (status === 401) broken.push(`at "${point}" ${other} refuses what ${maker.id} makes`);
      }
    }
    looks += 1;
  }
  return {
    look: (point) => {
      next ??= running = running.then(() => look(point));
      return next;
    },
    broken: () => [...broken],
    looks: () => looks,
  };
}

const tryToken: Try = async ({ url }, others) => {
  const { body } = await post(`${url}/login`, { user: "invariant", lifeMs: 60_000 });
  const headers = { authorization: `Bearer ${Token.parse(JSON.parse(body)).token}` };
  return answers(others, async (other) => (await ask(`${other.url}/canary`, { headers })).status);
};

const tryCall: Try = async ({ url }, others) =>
  answers(others, async (other) => {
    const { status, body } = await post(`${url}/call`, { url: `${other.url}/internal-canary` });
    return status === 200 ? Called.parse(JSON.parse(body)).status : status;
  });

async function answers(others: readonly Instance[], answer: (other: Instance) => Promise<number>) {
  const each = others.map(async (other) => [other.id, await answer(other).catch(() => 0)] as const);
  return await Promise.all(each);
}

function post(url: string, value: object) {
  return ask(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value) });
}
