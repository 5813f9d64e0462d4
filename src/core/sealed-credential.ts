import type { Credential, Ref, Slot } from "./credential.ts";
import type { Secret } from "./secret.ts";
import type { Seal } from "./state.ts";

/** The secret fields of a credential, each sealed at a position of its own; ref and public fields stand in the journal. */
export function sealsOf(slot: Slot, credential: Credential): readonly Seal[] {
  return Object.entries(credential.secret).map(([position, value]) => ({ slot, position, value }));
}

/** The inverse of `sealsOf`. Undefined when the slot is empty. */
export function credentialOf(
  ref: Ref | undefined,
  shown: Readonly<Record<string, string>>,
  sealed: Readonly<Record<string, Secret>>,
): Credential | undefined {
  return ref === undefined || Object.keys(sealed).length === 0 ? undefined : { ref, public: shown, secret: sealed };
}
