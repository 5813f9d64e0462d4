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
 * A SealedSecret bears the name of its Secret; Argo CD's own label is what its documentation names instead of the one that
 * Helm charts set, too.
 */
export function ownersOf(kind: string, metadata: Metadata, fields: readonly Field[]): readonly Owner[] {
  const writers = writersOf(metadata, fields);
  const found: (Draft | undefined)[] = [
    externalSecret(metadata, writers),
    sealedSecret(metadata),
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

function externalSecret(metadata: Metadata, writers: Writers): Draft | undefined {
  const { namespace, labels, annotations, ownerReferences } = metadata;
  const wrote = [...writers.keys()].find((manager) => toolOf(manager) === "external-secrets");
  const owner = ownerReferences.find(isExternalSecret);
  const prefix = "reconcile.external-secrets.io";
  const isMarked =
    labels[`${prefix}/managed`] === "true" ||
    labels[`${prefix}/created-by`] !== undefined ||
    annotations[`${prefix}/data-hash`] !== undefined;
  if (owner === undefined && wrote === undefined && !isMarked) return;
  const written = /^externalsecrets\.external-secrets\.io\/(?!sha3\/)(.+)$/.exec(wrote ?? "")?.[1];
  const name = owner?.name ?? written ?? "";
  const source = name === "" ? `an ExternalSecret in ${namespace}` : `ExternalSecret ${namespace}/${name}`;
  return { tool: "external-secrets", source, namespace, name };
}

/** With these annotations the controller writes a Secret that it may bear no reference to: `patch` sets none by design. */
function sealedSecret({ namespace, name, annotations, ownerReferences }: Metadata): Draft | undefined {
  const owner = ownerReferences.find(isSealedSecret);
  const isMarked = ["managed", "patch", "skip-set-owner-references"].some(
    (mark) => annotations[`sealedsecrets.bitnami.com/${mark}`] === "true",
  );
  if (owner === undefined && !isMarked) return undefined;
  const named = owner?.name ?? name;
  return { tool: "sealed-secrets", source: `SealedSecret ${namespace}/${named}`, namespace, name: named };
}

/** A controller writes its objects anew whenever they are not as it wants them. */
function controllers({ namespace, ownerReferences }: Metadata): readonly Draft[] {
  return ownerReferences
    .filter((reference) => reference.controller === true && !isExternalSecret(reference) && !isSealedSecret(reference))
    .map(({ kind, name }) => ({ tool: "controller", source: `${kind} ${namespace}/${name}`, namespace, name }));
}

type Reference = Metadata["ownerReferences"][number];

/** The one of External Secrets: other operators have a kind of this name, too. */
function isExternalSecret({ kind, apiVersion }: Reference): boolean {
  return kind === "ExternalSecret" && apiVersion.startsWith("external-secrets.io/");
}

function isSealedSecret({ kind, apiVersion }: Reference): boolean {
  return kind === "SealedSecret" && apiVersion.startsWith("bitnami.com/");
}

/**
 * Trackers copy their annotation to objects that they make of this one: only one that names this object counts, and where it
 * names another, the label was copied along with it.
 */
function argo(kind: string, metadata: Metadata, writers: Writers): Draft | undefined {
  const { namespace, name, labels, annotations } = metadata;
  const id = annotations["argocd.argoproj.io/tracking-id"];
  const [app = "", ...rest] = (id ?? "").split(":");
  const isTracked = rest.length === 2 && rest[0]?.split("/").at(-1) === kind && rest[1] === `${namespace}/${name}`;
  const wrote = [...writers.keys()].some((manager) => toolOf(manager) === "argo-cd") || managerOf(metadata, "argo-cd");
  const own = id === undefined ? labels["argocd.argoproj.io/instance"] : undefined;
  if (!isTracked && !wrote && own === undefined) return undefined;
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
