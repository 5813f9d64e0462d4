import { GiveUp } from "../../core/errors.ts";
import type { Context, Issuer, Rotator } from "../../core/ports.ts";
import { keyOf } from "../probes/key-of.ts";
import { podsOf } from "../probes/pods.ts";
import { presentTo } from "../probes/present.ts";
import { randomText } from "../probes/random-text.ts";
import { timed, together } from "../probes/together.ts";
import { Config } from "./config.ts";
import { credentialOf } from "./credential.ts";
import { preflight } from "./preflight.ts";
import { shapeOf } from "./shape.ts";
import { signs } from "./signs.ts";

/** One key that several services know: some send it, some accept it. See README.md. */
export const sharedKey: Rotator = {
  kind: "shared-key",
  connects: { kind: "kubernetes", at: ["accept", "*", "pods"], also: [["send", "*", "pods"]] },
  config: Config,
  bind: (entry) => {
    const config = Config.parse(entry);
    return { shape: shapeOf(config), open: async (context) => issuerOf(config, context) };
  },
};

/** The services are the issuer: nothing is changed from here, nothing of an older holder can come late, and nothing can be listed. */
function issuerOf(config: Config, context: Context): Issuer {
  const { resolve, signal } = context;
  signal.throwIfAborted();
  const pods = podsOf(config.connection, context);
  const scope = { config, asker: { resolve, signal, timeoutMs: config.timeout, pods } };
  return {
    fence: () => Promise.resolve("fenced"),
    preflight: (current, alphabet) => preflight(scope, current, alphabet),
    list: () => Promise.resolve([]),
    identify: ({ secret }) => credentialOf(config, secret["key"]),
    propose: async ({ alphabet }) => credentialOf(config, randomText(config.encoding, config.bytes, alphabet)),
    issue: async ({ proposed }) => {
      if (proposed === undefined) throw new GiveUp("no_proposal", "there is no new key to issue");
      return proposed;
    },
    test: async (credential) => {
      const [seen, ms] = await timed(() => presentTo(config.accept, { key: keyOf(credential) }, scope.asker));
      return together(seen, ms);
    },
    ...(config.send.length === 0 ? {} : { signs: (credential) => signs(scope, credential) }),
    revoke: () => Promise.resolve(),
    close: pods.close,
  };
}
