import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Context, Issuer, Rotator, Trial } from "../../core/ports.ts";
import { baseAlphabet } from "../../core/templates/alphabet.ts";
import { openApi } from "../../process/api/session.ts";
import { presentTo } from "../probes/present.ts";
import type { Seen } from "../probes/seen.ts";
import { timed, together } from "../probes/together.ts";
import { Config, testUrls } from "./config.ts";
import { credentialOf, wordsOf } from "./credential.ts";
import { findUser } from "./find.ts";
import { findingsOf } from "./preflight.ts";
import { newPassword } from "./propose.ts";
import { setPassword } from "./set.ts";
import { shapeOf } from "./shape.ts";

/** The password of a user of an application, which its administration API sets. See README.md. */
export const httpApi: Rotator = {
  kind: "http-api",
  config: Config,
  bind: (entry) => {
    const config = Config.parse(entry);
    return { shape: shapeOf(config), open: async (context) => issuerOf(config, context) };
  },
};

/** There is one password at a time and no mark on it, so nothing can be listed, and there is nothing left to revoke. */
function issuerOf(config: Config, context: Context): Issuer {
  context.signal.throwIfAborted();
  const ask = openApi(config, context);
  const { resolve, signal, session } = context;
  const present = (credential: Pick<Credential, "public" | "secret">): Promise<readonly Seen[]> => {
    const { path: _path, ...probe } = config.test;
    const asker = { resolve, signal, timeoutMs: config.timeout };
    return presentTo([{ ...probe, urls: [...testUrls(config)] }], wordsOf(credential), asker);
  };
  const test = async (credential: Credential): Promise<Trial> => {
    const [seen, ms] = await timed(() => present(credential));
    return together(seen, ms);
  };
  const preflight: Issuer["preflight"] = async (current, alphabet = baseAlphabet + (config.password.symbols ?? "")) => {
    await findUser(config, ask);
    const nobodys = {
      public: { username: config.username },
      secret: { password: newPassword(config.password, alphabet) },
    };
    return findingsOf(config, { control: await present(nobodys), current });
  };
  return {
    fence: () => Promise.resolve("unfenced"),
    preflight,
    list: () => Promise.resolve([]),
    identify: (fields) => credentialOf(config, fields),
    propose: ({ alphabet }) =>
      credentialOf(config, { public: {}, secret: { password: newPassword(config.password, alphabet) } }),
    issue: async ({ proposed }) => {
      if (proposed === undefined) throw new GiveUp("no_proposal", "there is no new password to set");
      // A second call after a lost reply must not set it again: some services refuse a password that was used before.
      if ((await test(proposed)).verdict === "accepted") return proposed;
      const user = await findUser(config, ask);
      await setPassword(config, ask, { ...wordsOf(proposed), ...user });
      return proposed;
    },
    test,
    revoke: async () => session.guard(config.timeout),
    close: () => Promise.resolve(),
  };
}
