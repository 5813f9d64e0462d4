import type { RotatorShape } from "../../core/ports.ts";
import { listed, namesOf } from "../probes/config.ts";
import type { Config } from "./config.ts";

/** The four answers for a key that a person brings from a portal. */
export function shapeOf(config: Config): RotatorShape {
  const { name, overlap, fields, usableWithin, deadWithin } = config;
  return {
    origin: "handed-in",
    overlap,
    triedAt: "issuer",
    abilities: { usage: "none", disable: false, refusals: false, closeSession: false, revokeBy: "person" },
    issueWithinMs: usableWithin,
    deadWithinMs: deadWithin,
    principals: [`handed-in-key ${name}`],
    fields,
    words: words(config),
  };
}

function words({ portal, overlap, test }: Config): RotatorShape["words"] {
  const places = [...new Set(test.flatMap(namesOf))].join(", ");
  const refused = [...new Set(test.flatMap((probe) => listed(probe.refused)))].join(" or ");
  const proof = `${places} answers ${refused} to the old one and lets the new one in`;
  const issue = `make a new one in ${portal}`;
  return overlap === "dual"
    ? { issue, retire: `revoked by a person in ${portal}`, proof }
    : {
        issue,
        retire: "the old one dies in the portal as the new one is made there",
        proof,
        cut: "applications are refused from the moment somebody makes the new one until they run on it",
      };
}
