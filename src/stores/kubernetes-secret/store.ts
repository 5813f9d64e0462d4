import { KubernetesConnection } from "../../connections/kubernetes/config.ts";
import { placeOf } from "../../connections/kubernetes/place.ts";
import type { StoreKind } from "../../core/ports.ts";
import type { Form } from "../kubernetes/form.ts";
import { openObject } from "../kubernetes/store.ts";
import { Config } from "./config.ts";

/** A Secret of Kubernetes, changed in place. Consumers with environment variables see it after a restart. See README.md. */
export const kubernetesSecret: StoreKind = {
  kind: "kubernetes-secret",
  connects: { kind: "kubernetes", at: ["at"] },
  config: Config,
  bind: (entry) => {
    const { at, connection } = Config.extend({ connection: KubernetesConnection }).parse(entry);
    return {
      shape: {
        readable: true,
        cas: "native",
        live: false,
        locks: [`kubernetes-secret:${at}`],
        label: `kubernetes-secret ${at}`,
      },
      open: (context) => openObject(form, placeOf(at), connection, context),
    };
  },
};

const form: Form = {
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
