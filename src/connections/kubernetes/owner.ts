import type { Metadata } from "./objects.ts";

/** Another program that answers for an object and will put its own content back. */
export type Owner = {
  readonly tool: "external-secrets" | "sealed-secrets" | "argo-cd" | "flux" | "helm" | "controller" | "apply";
  /** What to change instead, as people name it: "ExternalSecret shop/db". */
  readonly source: string;
  readonly namespace: string;
  /** Name of the source; empty where it is not told. */
  readonly name: string;
  /** It is on record as the last writer of one of the fields that were asked about. */
  readonly wrote: boolean;
};

type Field = readonly string[];
type Draft = Omit<Owner, "wrote">;

/**
 * Who else owns an object, as its ownerReferences, labels, annotations and managedFields say. `fields`: the paths that are to
 * be changed (["data", "PASSWORD"]). Pure. Sources: the labels and annotations that each tool documents; External Secrets
 * writes as `externalsecrets.external-secrets.io/<name>`, Argo CD as `argocd-controller`, Flux as its controllers' names.
 */
export function ownersOf(kind: string, metadata: Metadata, fields: readonly Field[]): readonly Owner[] {
  const writers = writersOf(metadata, fields);
  const found: (Draft | undefined)[] = [
    externalSecret(metadata, writers),
    ...controllers(metadata),
    argo(kind, metadata, writers),
    flux(metadata, writers),
    helm(metadata, writers),
    ...others(metadata, writers),
  ];
  return found.flatMap((owner) => {
    if (owner === undefined) return [];
    return [{ ...owner, wrote: [...writers.keys()].some((manager) => toolOf(manager) === owner.tool) }];
  });
}

function externalSecret({ namespace, labels, ownerReferences }: Metadata, writers: Writers): Draft | undefined {
  const isOurs = ({ kind, apiVersion }: { kind: string; apiVersion: string }): boolean =>
    kind === "ExternalSecret" && apiVersion.startsWith("external-secrets.io/");
  const wrote = [...writers.keys()].find((manager) => toolOf(manager) === "external-secrets");
  const owner = ownerReferences.find(isOurs);
  if (owner === undefined && wrote === undefined && labels["reconcile.external-secrets.io/managed"] !== "true") return;
  const written = /^externalsecrets\.external-secrets\.io\/(?!sha3\/)(.+)$/.exec(wrote ?? "")?.[1];
  const name = owner?.name ?? written ?? "";
  const source = name === "" ? `an ExternalSecret in ${namespace}` : `ExternalSecret ${namespace}/${name}`;
  return { tool: "external-secrets", source, namespace, name };
}

/** A controller writes its objects anew whenever they are not as it wants them. */
function controllers({ namespace, ownerReferences }: Metadata): readonly Draft[] {
  return ownerReferences.flatMap(({ kind, apiVersion, name, controller }): Draft[] => {
    if (kind === "ExternalSecret") return [];
    const sealed = kind === "SealedSecret" && apiVersion.startsWith("bitnami.com/");
    if (!sealed && controller !== true) return [];
    return [
      { tool: sealed ? "sealed-secrets" : "controller", source: `${kind} ${namespace}/${name}`, namespace, name },
    ];
  });
}

/** Trackers copy their annotation to objects that they make of this one: only one that names this object counts. */
function argo(kind: string, metadata: Metadata, writers: Writers): Draft | undefined {
  const { namespace, name, labels, annotations } = metadata;
  const [app = "", ...rest] = (annotations["argocd.argoproj.io/tracking-id"] ?? "").split(":");
  const isTracked = rest.length === 2 && rest[0]?.split("/").at(-1) === kind && rest[1] === `${namespace}/${name}`;
  const wrote = [...writers.keys()].some((manager) => toolOf(manager) === "argo-cd") || managerOf(metadata, "argo-cd");
  if (!isTracked && !wrote) return undefined;
  const labelled = labels["argocd.argoproj.io/instance"] ?? labels["app.kubernetes.io/instance"] ?? "";
  const application = isTracked ? app : labelled;
  const source = application === "" ? "an Argo CD Application" : `Argo CD Application ${application}`;
  return { tool: "argo-cd", source, namespace: "", name: application };
}

function flux({ namespace, labels, annotations }: Metadata, writers: Writers): Draft | undefined {
  const policy = (key: string): string => (annotations[key] ?? labels[key] ?? "").toLowerCase();
  const isLeftAlone =
    policy("kustomize.toolkit.fluxcd.io/reconcile") === "disabled" ||
    ["ifnotpresent", "ignore"].includes(policy("kustomize.toolkit.fluxcd.io/ssa"));
  for (const [prefix, kind] of [
    ["kustomize.toolkit.fluxcd.io", "Kustomization"],
    ["helm.toolkit.fluxcd.io", "HelmRelease"],
  ] as const) {
    const name = labels[`${prefix}/name`];
    if (name === undefined || (kind === "Kustomization" && isLeftAlone)) continue;
    const where = labels[`${prefix}/namespace`] ?? namespace;
    return { tool: "flux", source: `Flux ${kind} ${where}/${name}`, namespace: where, name };
  }
  const wrote = [...writers.keys()].some((manager) => toolOf(manager) === "flux");
  return wrote && !isLeftAlone
    ? { tool: "flux", source: "a Flux Kustomization or HelmRelease", namespace, name: "" }
    : undefined;
}

function helm({ namespace, labels, annotations }: Metadata, writers: Writers): Draft | undefined {
  const release = annotations["meta.helm.sh/release-name"];
  const isHelms = release !== undefined || labels["app.kubernetes.io/managed-by"] === "Helm" || writers.has("helm");
  if (!isHelms) return undefined;
  const where = annotations["meta.helm.sh/release-namespace"] ?? namespace;
  const source = release === undefined ? "a Helm release" : `Helm release ${where}/${release}`;
  return { tool: "helm", source, namespace: where, name: release ?? "" };
}

/** Whoever applied our fields server-side (and is none of the above) sends them again with its next apply. */
function others({ namespace }: Metadata, writers: Writers): readonly Draft[] {
  return [...writers].flatMap(([manager, operation]): Draft[] =>
    operation === "Apply" && toolOf(manager) === "apply" && manager !== "keyturn"
      ? [{ tool: "apply", source: `the field manager ${manager}`, namespace, name: manager }]
      : [],
  );
}

function toolOf(manager: string): Owner["tool"] {
  if (manager.startsWith("externalsecrets.external-secrets.io") || manager === "external-secrets")
    return "external-secrets";
  if (manager.startsWith("argocd-")) return "argo-cd";
  if (manager === "kustomize-controller" || manager === "helm-controller") return "flux";
  return manager === "helm" ? "helm" : "apply";
}

function managerOf({ managedFields }: Metadata, tool: Owner["tool"]): boolean {
  return managedFields.some(({ manager }) => toolOf(manager) === tool);
}

type Writers = ReadonlyMap<string, string>;

/** Managers of at least one of the fields, with how they wrote it. */
function writersOf({ managedFields }: Metadata, fields: readonly Field[]): Writers {
  return new Map(
    managedFields
      .filter(({ fieldsV1 }) => fields.some((path) => holds(fieldsV1, path)))
      .map(({ manager, operation }) => [manager, operation]),
  );
}

function holds(tree: unknown, path: Field): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  if (typeof tree !== "object" || tree === null) return false;
  const branch = Object.entries(tree).find(([key]) => key === `f:${first}`);
  return branch !== undefined && holds(branch[1], rest);
}
