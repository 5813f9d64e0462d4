import { describe, expect, it } from "vitest";
import { Metadata } from "../../../src/connections/kubernetes/objects.ts";
import { ownersOf } from "../../../src/connections/kubernetes/owner.ts";

const fields = [["data", "PASSWORD"]];
const wroteOurs = (manager: string, operation = "Update") => ({
  manager,
  operation,
  fieldsV1: { "f:data": { ".": {}, "f:PASSWORD": {} } },
});
const wroteAnother = (manager: string) => ({ manager, operation: "Update", fieldsV1: { "f:data": { "f:OTHER": {} } } });
const owner = (apiVersion: string, kind: string, controller = true) => ({
  apiVersion,
  kind,
  name: "src",
  uid: "u",
  controller,
});

describe("the owners of an object", () => {
  it.each([
    ["nobody", {}, undefined],
    ["kubectl", { managedFields: [wroteOurs("kubectl-edit"), wroteOurs("kubectl-client-side-apply")] }, undefined],
    ["Keyturn's own apply", { managedFields: [wroteOurs("keyturn", "Apply")] }, undefined],
    [
      "External Secrets by reference",
      { ownerReferences: [owner("external-secrets.io/v1", "ExternalSecret")] },
      ["external-secrets", "ExternalSecret shop/src", false],
    ],
    [
      "External Secrets by field manager (creationPolicy Merge)",
      { managedFields: [wroteOurs("externalsecrets.external-secrets.io/db")] },
      ["external-secrets", "ExternalSecret shop/db", true],
    ],
    [
      "External Secrets by field manager with a hashed name",
      { managedFields: [wroteOurs("externalsecrets.external-secrets.io/sha3/ab12")] },
      ["external-secrets", "an ExternalSecret in shop", true],
    ],
    [
      "External Secrets, another key",
      { managedFields: [wroteAnother("externalsecrets.external-secrets.io/db")] },
      undefined,
    ],
    [
      "External Secrets by label",
      { labels: { "reconcile.external-secrets.io/managed": "true" } },
      ["external-secrets", "an ExternalSecret in shop", false],
    ],
    [
      "External Secrets by the label of creationPolicy Owner",
      { labels: { "reconcile.external-secrets.io/created-by": "fa360394972eb75c89e127d620aafd1e" } },
      ["external-secrets", "an ExternalSecret in shop", false],
    ],
    [
      "External Secrets by the hash of what it wrote",
      { annotations: { "reconcile.external-secrets.io/data-hash": "88702eb885adb627e75ccf6d2ad686fe" } },
      ["external-secrets", "an ExternalSecret in shop", false],
    ],
    [
      "an ExternalSecret of another operator",
      { ownerReferences: [owner("kubernetes-client.io/v1", "ExternalSecret")] },
      ["controller", "ExternalSecret shop/src", false],
    ],
    [
      "Sealed Secrets",
      { ownerReferences: [owner("bitnami.com/v1alpha1", "SealedSecret")] },
      ["sealed-secrets", "SealedSecret shop/src", false],
    ],
    ...["patch", "managed", "skip-set-owner-references"].map((mark): [string, object, [string, string, boolean]] => [
      `Sealed Secrets by the annotation ${mark}`,
      { annotations: { [`sealedsecrets.bitnami.com/${mark}`]: "true" } },
      ["sealed-secrets", "SealedSecret shop/db", false],
    ]),
    [
      "Sealed Secrets by both, once",
      {
        annotations: { "sealedsecrets.bitnami.com/managed": "true" },
        ownerReferences: [owner("bitnami.com/v1alpha1", "SealedSecret")],
      },
      ["sealed-secrets", "SealedSecret shop/src", false],
    ],
    [
      "an annotation that Sealed Secrets ignores",
      { annotations: { "sealedsecrets.bitnami.com/patch": "TRUE" } },
      undefined,
    ],
    [
      "a controller",
      { ownerReferences: [owner("db.example/v1", "Cluster")] },
      ["controller", "Cluster shop/src", false],
    ],
    ["a reference that is no controller", { ownerReferences: [owner("v1", "ConfigMap", false)] }, undefined],
    [
      "Argo CD",
      { annotations: { "argocd.argoproj.io/tracking-id": "front:/Secret:shop/db" } },
      ["argo-cd", "Argo CD Application front", false],
    ],
    [
      "a tracking id that was copied from another object",
      { annotations: { "argocd.argoproj.io/tracking-id": "front:/Secret:shop/other" } },
      undefined,
    ],
    [
      "Argo CD by field manager and label",
      { labels: { "app.kubernetes.io/instance": "front" }, managedFields: [wroteAnother("argocd-controller")] },
      ["argo-cd", "Argo CD Application front", false],
    ],
    [
      "Argo CD by its own label",
      { labels: { "argocd.argoproj.io/instance": "front" } },
      ["argo-cd", "Argo CD Application front", false],
    ],
    [
      "a label of Argo CD that was copied with the tracking id",
      {
        labels: { "argocd.argoproj.io/instance": "front" },
        annotations: { "argocd.argoproj.io/tracking-id": "front:/Secret:shop/other" },
      },
      undefined,
    ],
    ["the label alone, which Helm sets too", { labels: { "app.kubernetes.io/instance": "front" } }, undefined],
    [
      "Flux",
      {
        labels: { "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" },
      },
      ["flux", "Flux Kustomization flux-system/apps", false],
    ],
    [
      "Flux that leaves it alone",
      {
        labels: { "kustomize.toolkit.fluxcd.io/name": "apps" },
        annotations: { "kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent" },
      },
      undefined,
    ],
    [
      "a HelmRelease of Flux",
      { labels: { "helm.toolkit.fluxcd.io/name": "front", "helm.toolkit.fluxcd.io/namespace": "flux-system" } },
      ["flux", "Flux HelmRelease flux-system/front", false],
    ],
    [
      "Helm, another key",
      {
        labels: { "app.kubernetes.io/managed-by": "Helm" },
        annotations: { "meta.helm.sh/release-name": "front", "meta.helm.sh/release-namespace": "shop" },
        managedFields: [wroteAnother("helm")],
      },
      ["helm", "Helm release shop/front", false],
    ],
    [
      "Helm, our key",
      { annotations: { "meta.helm.sh/release-name": "front" }, managedFields: [wroteOurs("helm")] },
      ["helm", "Helm release shop/front", true],
    ],
    [
      "another program's server-side apply",
      { managedFields: [wroteOurs("terraform", "Apply")] },
      ["apply", "the field manager terraform", true],
    ],
  ])("%s", (_, part, expected) => {
    const metadata = Metadata.parse({
      name: "db",
      namespace: "shop",
      uid: "u",
      resourceVersion: "1",
      creationTimestamp: "2026-11-21T10:00:00Z",
      ...part,
    });

    const owners = ownersOf("Secret", metadata, fields);

    expect(owners.map(({ tool, source, wrote }) => [tool, source, wrote])).toEqual(
      expected === undefined ? [] : [expected],
    );
  });
});
