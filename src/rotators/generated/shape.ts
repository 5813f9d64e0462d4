import type { RotatorShape } from "../../core/ports.ts";
import { listed, wordsOf } from "../probes/config.ts";
import { type Config, nameOf } from "./config.ts";

/** The four answers for an account that an application sets up by itself when it starts. */
export function shapeOf(config: Config): RotatorShape {
  return {
    origin: "proposed",
    overlap: "single",
    triedAt: "consumer",
    abilities: { usage: "none", disable: false, refusals: false, closeSession: false },
    issueWithinMs: config.appliedWithin,
    deadWithinMs: config.deadWithin,
    principals: [`generated ${nameOf(config)}`],
    ...(config.policy.symbols === undefined ? {} : { symbols: config.policy.symbols }),
    fields: { email: "public", password: "secret" },
    words: words(config),
  };
}

function words(config: Config): RotatorShape["words"] {
  const { login, session } = config;
  const places = [...new Set(login.flatMap(wordsOf))].join(", ");
  const refused = [...new Set(login.flatMap((probe) => listed(probe.refused)))].join(" or ");
  const sessions =
    session === undefined
      ? "; whether sessions of the old password end cannot be asked here: look yourself"
      : ", and a session that was opened with the old password is refused too";
  return {
    issue: "makes a password that keeps the policy, in memory; the application applies it by itself when it starts",
    retire: "the old password ends as the application starts with the new one",
    proof: `${places} answers ${refused} to a login with the old password and lets the new one in${sessions}`,
    cut:
      `everybody who is logged in as ${nameOf(config)} is logged out when the application starts with the new password, and must ` +
      "log in again with it: tell them before",
  };
}
