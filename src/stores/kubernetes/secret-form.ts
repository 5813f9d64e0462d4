import type { Finding } from "../../core/ports.ts";
import type { Form, Stored } from "./form.ts";
import { pullSecretNotes, standInFor } from "./pull-secret.ts";

/** How a Secret keeps text: base64 of its UTF-8 bytes. Tokens that Kubernetes itself writes are refused. */
export const secretForm: Form = {
  kind: "Secret",
  resource: "secrets",
  decode,
  encode: (text) => Buffer.from(text, "utf8").toString("base64"),
  standIn: standInFor,
  notes: (object, keys) => [
    ...controlled(object),
    ...pullSecretNotes(object, keys, (dataKey) => decode(object.data[dataKey] ?? "")),
  ],
};

function decode(stored: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(stored, "base64"));
  } catch {
    return undefined;
  }
}

function controlled({ type, metadata: { namespace, name } }: Stored): readonly Finding[] {
  if (type !== "kubernetes.io/service-account-token") return [];
  return [
    {
      severity: "error",
      code: "owned_by_controller",
      sentence: `Secret ${namespace}/${name} holds a token that Kubernetes itself writes`,
      hint: "delete and create it anew to rotate that token; for pods use projected tokens",
    },
  ];
}
