import type { BoundRotator, Context, Issuer, Rotator, RotatorShape } from "../../core/ports.ts";
import { addressOf } from "./address.ts";
import { alternates, Config, principalsOf } from "./config.ts";
import { fence } from "./fence.ts";
import { openFleet } from "./fleet.ts";
import { fingerprints } from "./generation.ts";
import { identify } from "./identify.ts";
import { issue } from "./issue.ts";
import { list } from "./list.ts";
import { preflight } from "./preflight.ts";
import { propose } from "./propose.ts";
import { refusals } from "./refusals.ts";
import { disable, enable, revoke } from "./retire.ts";
import { scopeOf } from "./scope.ts";
import { trial } from "./trial.ts";
import { closeSession, usage } from "./usage.ts";

/** Passwords of Redis and Valkey users: two at a time on one user, or two users that take turns. */
export const redisAcl: Rotator = {
  kind: "redis-acl",
  config: Config,
  bind: (entry) => bound(Config.parse(entry)),
};

function bound(config: Config): BoundRotator {
  return { shape: shapeOf(config), open: (context) => open(config, context) };
}

async function open(config: Config, context: Context): Promise<Issuer> {
  const fleet = await openFleet(config, context);
  const scope = scopeOf(config, context, fleet, fingerprints());
  const { nodes, missing } = await fleet.look();
  const [first] = missing;
  if (nodes.length === 0 && first?.error instanceof Error) {
    await fleet.close();
    throw first.error;
  }
  return {
    fence: () => fence(scope),
    preflight: (current) => preflight(scope, current),
    list: () => list(scope),
    identify: (fields) => identify(scope, fields),
    propose: ({ current, alphabet }) => propose(scope, current, alphabet),
    issue: ({ proposed }) => issue(scope, proposed),
    test: (credential) => trial(scope, credential),
    revoke: (ref) => revoke(scope, ref),
    usage: (ref, other) => usage(scope, ref, other),
    closeSession: (id) => closeSession(scope, id),
    disable: (ref) => disable(scope, ref),
    enable: (credential) => enable(scope, credential),
    refusals: (ref, since) => refusals(scope, ref, since),
    close: () => fleet.close(),
  };
}

function shapeOf(config: Config): RotatorShape {
  const users = principalsOf(config);
  const { node } = addressOf(config.url);
  return {
    origin: "proposed",
    overlap: "dual",
    triedAt: "issuer",
    abilities: { usage: "sessions", disable: true, refusals: true, closeSession: true },
    issueWithinMs: 0,
    deadWithinMs: 0,
    principals: users.map((user) => `redis ${node} ${user}`),
    fields: { username: "public", password: "secret" },
    words: alternates(config) ? turnsWords(users) : passwordsWords(users),
  };
}

function passwordsWords([user = ""]: readonly string[]): RotatorShape["words"] {
  return {
    issue: `adds a second password to the Redis user ${user} on every node; the old one stays valid`,
    retire: `takes the old password of ${user} away on every node; open connections go on and are named`,
    proof: "logs in at every node: the old password gets WRONGPASS, the new one is accepted",
  };
}

function turnsWords([first = "", second = ""]: readonly string[]): RotatorShape["words"] {
  return {
    issue: `gives the vacant one of the Redis users ${first} and ${second} a new password; the other one stays valid`,
    retire:
      "switches the old user off on every node, then takes its password away; open connections go on and are named",
    proof: "logs in at every node: the old user gets WRONGPASS, the new one is accepted",
  };
}
