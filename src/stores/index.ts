import type { StoreKind } from "../core/ports.ts";
import { envFile } from "./env-file/store.ts";
import { httpApiStore } from "./http-api/store.ts";
import { kubernetesConfigmap } from "./kubernetes-configmap/store.ts";
import { kubernetesSecret } from "./kubernetes-secret/store.ts";
import { kubernetesSecretVersion } from "./kubernetes-secret-version/store.ts";
import { pgbouncerUserlist } from "./pgbouncer-userlist/store.ts";

/** Where files that Keyturn edits may lie; absolute paths of folders, links followed. */
export type StoreSettings = { readonly allowedRoots: readonly string[] };

/** Every place where applications may read a credential, one line each. */
export function stores(settings: StoreSettings): readonly StoreKind[] {
  return [
    envFile(settings),
    pgbouncerUserlist(settings),
    kubernetesSecret,
    kubernetesSecretVersion,
    kubernetesConfigmap,
    httpApiStore,
  ];
}
