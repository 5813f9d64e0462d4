import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { fingerprint } from "../probes/fingerprint.ts";
import { type Config, nameOf } from "./config.ts";

/** A key with its ref. Throws GiveUp("unknown_principal") when there is none. */
export async function credentialOf(config: Config, key: Secret | undefined): Promise<Credential> {
  if (key === undefined || key.reveal() === "") {
    throw new GiveUp("unknown_principal", "the store holds no key of this target", {
      hint: "a template must hold {{key}}",
    });
  }
  const ref = { principal: nameOf(config), generation: await fingerprint("shared-key", key) };
  return { ref, public: {}, secret: { key } };
}
