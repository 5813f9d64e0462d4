import { KubernetesConnection } from "../../connections/kubernetes/config.ts";
import { placeOf } from "../../connections/kubernetes/place.ts";
import type { StoreKind } from "../../core/ports.ts";
import { secretForm } from "../kubernetes/secret-form.ts";
import { openObject } from "../kubernetes/store.ts";
import { Config } from "./config.ts";

/** A Secret of Kubernetes, changed in place. Consumers with environment variables see it after a restart. See README.md. */
export const kubernetesSecret: StoreKind = {
  kind: "kubernetes-secret",
  connects: { kind: "kubernetes", at: ["at"] },
  config: Config,
  bind: (entry) => {
    const { at, connection, helmKeeps } = Config.extend({ connection: KubernetesConnection }).parse(entry);
    return {
      shape: {
        readable: true,
        cas: "native",
        live: false,
        locks: [`kubernetes-secret:${at}`],
        lockedByKey: true,
        label: `kubernetes-secret ${at}`,
      },
      open: (context) => openObject({ form: secretForm, helmKeeps }, placeOf(at), connection, context),
    };
  },
};
