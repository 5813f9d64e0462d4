import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Context, Issuer, Rotator } from "../../core/ports.ts";
import { podsOf } from "../probes/pods.ts";
import { Config } from "./config.ts";
import { credentialOf, missingEmail, ownWords } from "./credential.ts";
import { passwordFor } from "./password.ts";
import { preflight } from "./preflight.ts";
import type { Scope } from "./scope.ts";
import { openSession } from "./session.ts";
import { shapeOf } from "./shape.ts";
import { tryOut } from "./trial.ts";

/** Email and password of an account that an application sets up by itself when it starts. See README.md. */
export const generated: Rotator = {
  kind: "generated",
  connects: { kind: "kubernetes", at: ["login", "*", "pods"], also: [["session", "accept", "*", "pods"]] },
  config: Config,
  bind: (entry) => {
    const config = Config.parse(entry);
    return { shape: shapeOf(config), open: async (context) => issuerOf(config, context) };
  },
};

/** The application is the issuer: nothing is changed from here, nothing of an older holder can come late, and nothing can be listed. */
function issuerOf(config: Config, context: Context): Issuer {
  const { resolve, signal } = context;
  signal.throwIfAborted();
  const pods = podsOf(config.connection, context);
  const scope: Scope = { config, asker: { resolve, signal, timeoutMs: config.timeout, pods } };
  return {
    fence: () => Promise.resolve("fenced"),
    preflight: (current, alphabet) => preflight(scope, current, alphabet),
    list: () => Promise.resolve([]),
    identify: (fields) => credentialOf(config, fields),
    propose: ({ current, alphabet }) => propose(scope, current, alphabet),
    issue: async ({ proposed }) => {
      if (proposed === undefined) throw new GiveUp("no_proposal", "there is no new password to apply");
      return proposed;
    },
    test: (credential) => tryOut(scope, credential),
    revoke: () => Promise.resolve(),
    close: pods.close,
  };
}

/** The session that the old password has opened is sealed with the new one: it must be dead when the new one lives. */
async function propose(scope: Scope, current: Credential | undefined, alphabet: string): Promise<Credential> {
  const email = scope.config.email ?? current?.public["email"];
  if (email === undefined) throw missingEmail();
  const password = passwordFor(scope.config.policy, alphabet, ownWords(email));
  const made = await credentialOf(scope.config, { public: { email }, secret: { password } });
  const session = current === undefined ? undefined : await openSession(scope, current);
  return session === undefined ? made : { ...made, secret: { ...made.secret, session } };
}
