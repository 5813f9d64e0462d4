import type { RotatorShape } from "../../core/ports.ts";
import { listed, wordsOf } from "../probes/config.ts";
import { type Config, nameOf } from "./config.ts";
import { symbolsOfKeys } from "./material.ts";

/** After the last instance was restarted: a probe may reach one whose listener is not open yet. */
const settlingMs = 10_000;

/** Where the catalog does not say how long the restart of all instances may take. */
const restartMs = 180_000;

/** The four answers for a key that applications themselves create things with and check. */
export function shapeOf(config: Config): RotatorShape {
  const { algorithm, mode, maxTokenLife = 0, clockSkew, jwks, cacheFor, tokens } = config;
  const cachedMs = jwks.length === 0 ? 0 : cacheFor;
  return {
    origin: "proposed",
    overlap: mode === "overlap" ? "accept-first" : "single",
    triedAt: "consumer",
    abilities: { usage: "none", disable: false, refusals: false, closeSession: false },
    issueWithinMs: settlingMs + cachedMs,
    deadWithinMs: settlingMs + cachedMs,
    ...(mode === "overlap"
      ? { overlapMs: maxTokenLife + 2 * clockSkew, soakMs: cachedMs }
      : { cutMs: config.restart ?? restartMs }),
    principals: [`signing-key ${nameOf(config)}`],
    symbols: symbolsOfKeys(config),
    fields: {
      ...(algorithm === "HS256"
        ? { key: "secret", kid: "public" }
        : { key: "secret", public: "public", jwk: "public", kid: "public" }),
      ...Object.fromEntries(Object.keys(tokens).map((name) => [name, "secret"] as const)),
    },
    words: words(config),
  };
}

function words(config: Config): RotatorShape["words"] {
  const proof = `${proofAtInstances(config)}${proofAtKeySets(config)}`;
  const made = `makes a new ${config.algorithm} key in memory; it counts once applications accept it`;
  if (config.mode === "all-out") {
    return {
      issue: made,
      retire: "the old key ends with the restart that brings the new one",
      proof,
      cut:
        "every token that was signed with the old key is refused from the restart on: everybody logs in again, and API " +
        "tokens that were signed with it die too; until the last instance is restarted, tokens of one are refused by another: " +
        `at most ${seconds(config.restart ?? restartMs)}${config.jwks.length === 0 ? "" : cached(config)}`,
    };
  }
  const unseen =
    config.sign.length === 0 ? "; which key an instance signs with cannot be asked here: look yourself" : "";
  return {
    issue: `${made}, and none of them signs with it before all accept it`,
    retire: "acceptance of the old key is withdrawn; tokens that were signed with it are refused from then on",
    proof: `${proof}${unseen}`,
  };
}

function cached({ cacheFor }: Config): string {
  return `; who keeps the key set refuses new tokens until it is read anew, at most ${seconds(cacheFor)} longer`;
}

function seconds(ms: number): string {
  return `${String(Math.ceil(ms / 1_000))} s`;
}

function proofAtInstances({ accept }: Config): string {
  if (accept.length === 0) return "";
  const places = accept.flatMap(wordsOf);
  const refused = [...new Set(accept.flatMap((probe) => listed(probe.refused)))].join(" or ");
  return (
    `a canary token, signed with the old key afresh for each look, gets ${refused} from ${places.join(", ")}, ` +
    "and the same claims under the new key pass"
  );
}

function proofAtKeySets({ accept, jwks }: Config): string {
  if (jwks.length === 0) return "";
  return `${accept.length === 0 ? "" : "; "}${jwks.join(", ")} list the new key and no longer the old one`;
}
