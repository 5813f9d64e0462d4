import type { RotatorShape } from "../../core/ports.ts";
import { listed, wordsOf } from "../probes/config.ts";
import { symbolsOf } from "../probes/random-text.ts";
import { type Config, nameOf } from "./config.ts";

/** After the last instance was restarted: a probe may reach one whose listener is not open yet. */
const settlingMs = 10_000;

/** The four answers for one key that several services know. */
export function shapeOf(config: Config): RotatorShape {
  const accepts = config.mode === "previous";
  return {
    origin: "proposed",
    overlap: accepts ? "accept-first" : "single",
    triedAt: "consumer",
    abilities: { usage: "none", disable: false, refusals: false, closeSession: false },
    issueWithinMs: settlingMs,
    deadWithinMs: settlingMs,
    ...(accepts ? { overlapMs: config.inFlight } : { cutMs: config.restart }),
    principals: [`shared-key ${nameOf(config)}`],
    fields: { key: "secret" },
    symbols: symbolsOf(config.encoding),
    words: words(config),
  };
}

function words(config: Config): RotatorShape["words"] {
  const { accept, send, mode, restart } = config;
  const places = accept.flatMap(wordsOf);
  const refused = [...new Set(accept.flatMap((probe) => listed(probe.refused)))].join(" or ");
  const proof = `${places.join(", ")} answer ${refused} to the old key and let the new one in`;
  if (mode === "single") {
    return {
      issue: "makes a new key in memory; it counts once services are restarted with it",
      retire: "the old key ends with the restart that brings the new one",
      proof,
      cut:
        "a service that has one key refuses calls of those that have the other: from the first restart until the last one " +
        `is done, at most ${String(Math.ceil(restart / 1_000))} s`,
    };
  }
  const unseen = send.every(({ shows }) => shows !== undefined)
    ? ""
    : "; that a sender is let in is seen, which of the two keys it sends is not";
  return {
    issue: "makes a new key in memory; no service sends it before all accept it",
    retire: "acceptance of the old key is withdrawn; calls that bear it are refused from then on",
    proof: `${proof}${send.length === 0 ? "; which key a sender sends cannot be asked here: look yourself" : unseen}`,
  };
}
