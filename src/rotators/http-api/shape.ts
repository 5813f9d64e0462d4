import type { RotatorShape } from "../../core/ports.ts";
import { listed } from "../probes/config.ts";
import { type Config, testUrls } from "./config.ts";

/** The four answers for the password of a user that an administration API sets. */
export function shapeOf(config: Config): RotatorShape {
  const { url, username, usableWithin, deadWithin, test, set, password } = config;
  const { host, origin } = new URL(url);
  const places = [...new Set(testUrls(config).map((each) => new URL(each).host))].join(", ");
  return {
    origin: "proposed",
    overlap: "single",
    triedAt: "issuer",
    abilities: { usage: "none", disable: false, refusals: false, closeSession: false },
    issueWithinMs: usableWithin,
    deadWithinMs: deadWithin,
    principals: [`http-api ${origin} ${username}`],
    ...(password.symbols === undefined ? {} : { symbols: password.symbols }),
    fields: { username: "public", password: "secret" },
    words: {
      issue: `${host} sets a new password for ${username} (${set.method} ${set.path.split("?")[0] ?? ""})`,
      retire: "the old password ends at the moment the new one is set",
      proof: `${places} answers ${listed(test.refused).join(" or ")} to the old one and lets the new one in`,
      cut: "logins with the old password are refused from the change until each application runs on the new one; sessions and tokens that were given out before live on until they expire",
    },
  };
}
