import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Context, Finding, Issuer, Rotator } from "../../core/ports.ts";
import { controlFindings } from "../probes/control.ts";
import { presentTo } from "../probes/present.ts";
import { randomText } from "../probes/random-text.ts";
import type { Asker } from "../probes/request.ts";
import { timed, together } from "../probes/together.ts";
import { Config } from "./config.ts";
import { credentialOf, wordsOf } from "./credential.ts";
import { shapeOf } from "./shape.ts";

/** A key, or several fields together, that only a person can make and revoke, in somebody else's portal. See README.md. */
export const handedInKey: Rotator = {
  kind: "handed-in-key",
  config: Config,
  bind: (entry) => {
    const config = Config.parse(entry);
    return { shape: shapeOf(config), open: async (context) => issuerOf(config, context) };
  },
};

/** From here it can only be presented: nothing is changed, nothing of an older holder can come late, nothing can be listed. */
function issuerOf(config: Config, { resolve, signal }: Context): Issuer {
  signal.throwIfAborted();
  const asker: Asker = { resolve, signal, timeoutMs: config.timeout };
  return {
    fence: () => Promise.resolve("fenced"),
    preflight: (current) => preflight(config, asker, current),
    list: () => Promise.resolve([]),
    identify: (fields) => credentialOf(config, fields),
    issue: async ({ proposed }) => {
      if (proposed === undefined) throw new GiveUp("no_proposal", "nobody has handed a new one in");
      return proposed;
    },
    test: async (credential) => {
      const [seen, ms] = await timed(() => presentTo(config.test, wordsOf(config, credential), asker));
      return together(seen, ms);
    },
    revoke: () =>
      Promise.reject(
        new GiveUp("only_by_hand", "no program can revoke this", { hint: `a person does, in ${config.portal}` }),
      ),
    close: () => Promise.resolve(),
  };
}

/** Whether the portal's own service can be asked, and refuses what nobody has. Reads only. */
async function preflight(config: Config, asker: Asker, current: Credential | undefined): Promise<readonly Finding[]> {
  const made = Object.keys(config.fields).map((name) => [name, randomText("hex", 32)] as const);
  const nobodys = wordsOf(config, { public: {}, secret: Object.fromEntries(made) });
  return controlFindings(await presentTo(config.test, nobodys, asker), "a key", current !== undefined);
}
