import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { versionLabel } from "../../connections/kubernetes/versions.ts";
import type { Stored } from "../kubernetes/form.ts";

/** All versions of one Secret, as one rotation sees them. */
export type Family = {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** The name that the catalog says: of the Secret as it was before Keyturn, and the beginning of all other names. */
  readonly name: string;
  readonly rotationId: string;
};

const rotationLabel = "keyturn.dev/rotation";
const numberAnnotation = "keyturn.dev/number";

/** The object that a rotation makes with its publish of this number. */
export function versionName({ name, rotationId }: Family, number: number): string {
  return `${name}-${rotationId}-${number}`;
}

/** What says of an object that it is the version with this number of the rotation. */
export function marks(
  { name, rotationId }: Family,
  number: number,
): { readonly labels: Readonly<Record<string, string>>; readonly annotations: Readonly<Record<string, string>> } {
  return {
    labels: { [versionLabel]: name, [rotationLabel]: rotationId },
    annotations: { [numberAnnotation]: String(number) },
  };
}

/** Its number among the versions that this rotation made; undefined for all others. */
export function ownNumber({ name, rotationId }: Family, { metadata }: Stored): number | undefined {
  const { labels, annotations } = metadata;
  if (labels[versionLabel] !== name || labels[rotationLabel] !== rotationId) return undefined;
  const number = Number(annotations[numberAnnotation]);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

/** The object without a label of ours is somebody else's, whatever its name. */
export function isLabelled({ name }: Pick<Family, "name">, { metadata }: Pick<Stored, "metadata">): boolean {
  return metadata.labels[versionLabel] === name;
}

/** A Secret of the family, or all Secrets of its namespace. */
export function secretAt({ namespace }: Pick<Family, "namespace">, name?: string) {
  return { api: "v1", resource: "secrets", namespace, ...(name === undefined ? {} : { name }) };
}
