import { KubernetesConnection } from "../../connections/kubernetes/config.ts";
import { placeOf } from "../../connections/kubernetes/place.ts";
import type { StoreKind } from "../../core/ports.ts";
import type { Form } from "../kubernetes/form.ts";
import { openObject } from "../kubernetes/store.ts";
import { Config } from "./config.ts";

/** A ConfigMap that holds a secret: it can be rotated there, and every plan says that it should not be there. See README.md. */
export const kubernetesConfigmap: StoreKind = {
  kind: "kubernetes-configmap",
  connects: { kind: "kubernetes", at: ["at"] },
  config: Config,
  bind: (entry) => {
    const { at, connection, helmKeeps } = Config.extend({ connection: KubernetesConnection }).parse(entry);
    return {
      shape: {
        readable: true,
        cas: "native",
        live: false,
        locks: [`kubernetes-configmap:${at}`],
        lockedByKey: true,
        label: `kubernetes-configmap ${at}`,
      },
      open: (context) => openObject({ form, helmKeeps }, placeOf(at), connection, context),
    };
  },
};

const form: Form = {
  kind: "ConfigMap",
  resource: "configmaps",
  decode: (stored) => stored,
  encode: (text) => text,
  standIn: () => "keyturn-dry-run",
  notes: ({ metadata: { namespace, name } }, keys) => [
    {
      severity: "warning",
      code: "secret_in_configmap",
      sentence: `ConfigMap ${namespace}/${name} holds a secret (${keys.join(", ")}): everybody who may read ConfigMaps sees it, with the role \`view\` that Kubernetes ships too, \`kubectl describe\` prints it, and encryption at rest seldom covers it`,
      hint: `move it: create a Secret with ${keys.length === 1 ? "this key" : "these keys"}, point the workloads' env or volume at it, publish there with kubernetes-secret, then rotate once more, because the old value was readable`,
    },
  ],
};
