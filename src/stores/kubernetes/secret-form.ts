import type { Form } from "./form.ts";

/** How a Secret keeps text: base64 of its UTF-8 bytes. Tokens that Kubernetes itself writes are refused. */
export const secretForm: Form = {
  kind: "Secret",
  resource: "secrets",
  decode: (stored) => {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(stored, "base64"));
    } catch {
      return undefined;
    }
  },
  encode: (text) => Buffer.from(text, "utf8").toString("base64"),
  notes: ({ type, metadata: { namespace, name } }) =>
    type === "kubernetes.io/service-account-token"
      ? [
          {
            severity: "error",
            code: "owned_by_controller",
            sentence: `Secret ${namespace}/${name} holds a token that Kubernetes itself writes`,
            hint: "delete and create it anew to rotate that token; for pods use projected tokens",
          },
        ]
      : [],
};
