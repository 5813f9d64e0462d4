import { z } from "zod";
import { type Answer, ask } from "./token-http.ts";
import type { TokenWorld } from "./token-world.ts";

export type TrafficOptions = {
  /** Default: 200. */
  readonly requestsPerSecond?: number;
  /** People who log in, use their token until near its end (or log out some time before), and log in again. Default: 40. */
  readonly users?: number;
  /** Others, whose tokens live as long as `longLifeMs`, default an hour: they log in once. Default: none. */
  readonly longLived?: number;
  readonly longLifeMs?: number;
  /** The share of requests that are calls between instances. Default: a quarter. */
  readonly internalShare?: number;
};

/**
 * `refused`: answers 401 and 403, all of them; then by kind. `late`: such answers that came when the token was over anyway.
 * `errors`: any other answer than 200, or none. `skipped`: not sent, because too many were under way. Times: ISO 8601.
 */
export type TrafficCounts = {
  readonly requests: number;
  readonly refused: number;
  readonly refusedTokens: number;
  readonly refusedLongLived: number;
  readonly refusedInternal: number;
  readonly late: number;
  readonly errors: number;
  readonly skipped: number;
  readonly firstRefusal?: string;
  readonly lastRefusal?: string;
};

export type Traffic = {
  readonly counts: () => TrafficCounts;
  /** Waits for the answers under way. */
  readonly stop: () => Promise<TrafficCounts>;
};

type Kind = "refusedTokens" | "refusedLongLived" | "refusedInternal";
type User = {
  readonly name: string;
  readonly kind: Kind;
  readonly lifeMs: number;
  token?: string;
  until: number;
  over: number;
};
type Count = (kind: Kind, status: number, over?: number) => void;

const tickMs = 10;
const mostUnderWay = 32;
const Token = z.object({ token: z.string() });
const Called = z.object({ status: z.int() });

/**
 * Constant traffic through the fronts, from this process. Tokens of the issuer are used at every service; each service calls every
 * other one, or itself when it is alone, with its service key. Somebody whose token is refused logs in again.
 */
export function startTraffic(world: TokenWorld, options: TrafficOptions = {}): Traffic {
  const { requestsPerSecond = 200, internalShare = 0.25 } = options;
  const refusals = { refused: 0, refusedTokens: 0, refusedLongLived: 0, refusedInternal: 0, late: 0 };
  const counts = { requests: 0, ...refusals, errors: 0, skipped: 0 };
  const times: { firstRefusal?: string; lastRefusal?: string } = {};
  const count: Count = (kind, status, over = Number.POSITIVE_INFINITY) => {
    counts.requests += 1;
    const isRefused = status === 401 || status === 403;
    if (isRefused && Date.now() >= over) {
      counts.late += 1;
    } else if (isRefused) {
      const now = new Date().toISOString();
      counts.refused += 1;
      counts[kind] += 1;
      times.firstRefusal ??= now;
      times.lastRefusal = now;
    } else if (status !== 200) {
      counts.errors += 1;
    }
  };
  const users = usersOf(world, options);
  const underWay = new Set<Promise<void>>();
  const began = Date.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((Date.now() - began) * requestsPerSecond) / 1_000);
    for (; sent < due; sent += 1) {
      if (underWay.size >= mostUnderWay) {
        counts.skipped += 1;
        continue;
      }
      const one = (Math.random() < internalShare ? callPeer(world, count) : actAs(world, oneOf(users), count)).catch(
        () => {
          counts.requests += 1;
          counts.errors += 1;
        },
      );
      underWay.add(one);
      void one.then(() => underWay.delete(one));
    }
  }, tickMs);
  const seen = (): TrafficCounts => ({ ...counts, ...times });
  return {
    counts: seen,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      return seen();
    },
  };
}

function usersOf({ tokenLifeMs }: TokenWorld, { users = 40, longLived = 0, longLifeMs = 3_600_000 }: TrafficOptions) {
  const make = (length: number, name: string, kind: Kind, lifeMs: number): readonly User[] =>
    Array.from({ length }, (_, index) => ({ name: `${name}-${index + 1}`, kind, lifeMs, until: 0, over: 0 }));
  return [
    ...make(users, "user", "refusedTokens", tokenLifeMs),
    ...make(longLived, "client", "refusedLongLived", longLifeMs),
  ];
}

async function actAs(world: TokenWorld, user: User, count: Count): Promise<void> {
  const { token, over } = user;
  if (token === undefined || Date.now() >= user.until) return await login(world, user, count);
  const { front } = oneOf(world.services);
  const { status } = await ask(`${front.url}/me`, { headers: { authorization: `Bearer ${token}` } });
  count(user.kind, status, over);
  if (status === 401 && user.token === token) delete user.token;
}

/** The token is used for a part of its life, at most until a second before its end, which is at a whole second. */
async function login({ issuer }: TokenWorld, user: User, count: Count): Promise<void> {
  const asked = Date.now();
  const answer = await post(`${issuer.front.url}/login`, { user: user.name, lifeMs: user.lifeMs });
  count(user.kind, answer.status);
  if (answer.status !== 200) return;
  user.token = Token.parse(JSON.parse(answer.body)).token;
  user.over = Math.floor(asked / 1_000) * 1_000 + user.lifeMs;
  user.until = asked + (user.lifeMs - 1_000) * (0.1 + 0.9 * Math.random());
}

async function callPeer({ services }: TokenWorld, count: Count): Promise<void> {
  const caller = oneOf(services);
  const others = services.filter((service) => service !== caller);
  const { front } = oneOf(others.length === 0 ? services : others);
  const answer = await post(`${caller.front.url}/call`, { url: `${front.url}/internal` });
  count("refusedInternal", answer.status === 200 ? Called.parse(JSON.parse(answer.body)).status : answer.status);
}

function post(url: string, value: object): Promise<Answer> {
  return ask(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value) });
}

function oneOf<T>(all: readonly T[]): T {
  const found = all[Math.floor(Math.random() * all.length)];
  if (found === undefined) throw new Error("nothing to choose from");
  return found;
}
