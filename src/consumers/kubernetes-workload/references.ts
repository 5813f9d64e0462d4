import { isVersionOf } from "../../connections/kubernetes/versions.ts";
import type { Used } from "./config.ts";
import type { Container, PodSpec } from "./objects.ts";

/** One place of a pod's specification that names a Secret or ConfigMap. `pointer` (RFC 6901, inside the specification) leads to the name. */
export type Reference = {
  readonly kind: "secret" | "configmap";
  readonly name: string;
  readonly pointer: string;
};

/** Every Secret and ConfigMap that the pods of a specification read, init and ephemeral containers included. Pure. */
export function referencesIn(spec: PodSpec): readonly Reference[] {
  return [
    ...inContainers("containers", spec.containers),
    ...inContainers("initContainers", spec.initContainers),
    ...inContainers("ephemeralContainers", spec.ephemeralContainers),
    ...spec.volumes.flatMap((volume, index) => [
      ...named("secret", volume.secret?.secretName, `/volumes/${index}/secret/secretName`),
      ...named("configmap", volume.configMap?.name, `/volumes/${index}/configMap/name`),
      ...named("secret", volume.csi?.nodePublishSecretRef?.name, `/volumes/${index}/csi/nodePublishSecretRef/name`),
      ...(volume.projected?.sources ?? []).flatMap(({ secret, configMap }, source) => [
        ...named("secret", secret?.name, `/volumes/${index}/projected/sources/${source}/secret/name`),
        ...named("configmap", configMap?.name, `/volumes/${index}/projected/sources/${source}/configMap/name`),
      ]),
    ]),
    ...spec.imagePullSecrets.flatMap(({ name }, index) => named("secret", name, `/imagePullSecrets/${index}/name`)),
  ];
}

/** Names of all Secrets that pods of these specifications read. Pure. */
export function secretsIn(specs: readonly PodSpec[]): readonly string[] {
  return specs.flatMap((spec) => referencesIn(spec).flatMap(({ kind, name }) => (kind === "secret" ? [name] : [])));
}

/** Whether a reference means the object, or any version of it. Pure. */
export function refersTo(reference: Pick<Reference, "kind" | "name">, used: Used): boolean {
  if (used.kind === "configmap" || reference.kind === "configmap") {
    return used.kind === "configmap" && reference.kind === "configmap" && reference.name === used.name;
  }
  if (used.kind === "secret") return reference.name === used.name;
  return isVersionOf(used.name, reference.name) && used.strangers?.has(reference.name) !== true;
}

function inContainers(list: string, containers: readonly Container[]): readonly Reference[] {
  return containers.flatMap(({ env, envFrom }, index) => [
    ...env.flatMap(({ valueFrom }, at) => [
      ...named("secret", valueFrom?.secretKeyRef?.name, `/${list}/${index}/env/${at}/valueFrom/secretKeyRef/name`),
      ...named(
        "configmap",
        valueFrom?.configMapKeyRef?.name,
        `/${list}/${index}/env/${at}/valueFrom/configMapKeyRef/name`,
      ),
    ]),
    ...envFrom.flatMap(({ secretRef, configMapRef }, at) => [
      ...named("secret", secretRef?.name, `/${list}/${index}/envFrom/${at}/secretRef/name`),
      ...named("configmap", configMapRef?.name, `/${list}/${index}/envFrom/${at}/configMapRef/name`),
    ]),
  ]);
}

function named(kind: Reference["kind"], name: string | undefined, pointer: string): readonly Reference[] {
  return name === undefined || name === "" ? [] : [{ kind, name, pointer }];
}
