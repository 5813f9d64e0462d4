import { afterAll, beforeAll, expect, it } from "vitest";
import { openStore } from "../../contract/store-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { makeNamespace, namespace, objectWorld } from "./object-world.ts";

const data = { PRESENT: "old", NEIGHBOUR: "his" };
const managed = { "sealedsecrets.bitnami.com/managed": "true" };

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("a Secret that somebody else owns", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
    await makeNamespace(cluster);
  });
  afterAll(() => cluster.stop());

  const findingsOf = async (metadata: object) => {
    const world = await objectWorld(cluster, { data, metadata });
    const findings = await (await openStore(world.bound)).preflight(["PRESENT"]);
    await world.close();
    return findings;
  };

  it.each([
    ["owned_by_external_secrets", { labels: { "reconcile.external-secrets.io/managed": "true" } }, "an ExternalSecret"],
    [
      "owned_by_external_secrets",
      { annotations: { "reconcile.external-secrets.io/data-hash": "88702eb885adb627e75ccf6d2ad686fe" } },
      "an ExternalSecret",
    ],
    ["owned_by_argo_cd", { labels: { "argocd.argoproj.io/instance": "front" } }, "Argo CD Application front"],
    [
      "owned_by_sealed_secrets",
      { annotations: { "sealedsecrets.bitnami.com/managed": "true" } },
      `SealedSecret ${namespace}/o-`,
    ],
    [
      "owned_by_flux",
      {
        labels: {
          "kustomize.toolkit.fluxcd.io/name": "apps",
          "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
        },
      },
      "Flux Kustomization flux-system/apps",
    ],
  ])("is refused: %s", async (code, metadata, source) => {
    expect(await findingsOf(metadata)).toMatchObject([
      { severity: "error", code, sentence: expect.stringContaining(source) },
    ]);
  });

  it("is refused when Argo CD tracks it, by name of the Application", async () => {
    const world = await objectWorld(cluster, { data });
    const id = `front:/Secret:${namespace}/${world.name}`;
    await world.patch({ metadata: { annotations: { "argocd.argoproj.io/tracking-id": id } } });
    expect(await (await openStore(world.bound)).preflight(["PRESENT"])).toMatchObject([
      { severity: "error", code: "owned_by_argo_cd", sentence: expect.stringContaining("Application front") },
    ]);
    await world.close();
  });

  it("is refused with the SealedSecret or another controller named", async () => {
    for (const [apiVersion, kind, code] of [
      ["bitnami.com/v1alpha1", "SealedSecret", "owned_by_sealed_secrets"],
      ["db.example/v1", "Cluster", "owned_by_controller"],
      ["kubernetes-client.io/v1", "ExternalSecret", "owned_by_controller"],
    ] as const) {
      const world = await objectWorld(cluster, { data });
      const owner = { apiVersion, kind, name: "src", uid: "6f1c1f2e-8f0c-4f5f-8a53-0b6a3f4c1d2e", controller: true };
      await world.patch({ metadata: { ownerReferences: [owner] } });
      expect(await (await openStore(world.bound)).preflight(["PRESENT"])).toMatchObject([
        { severity: "error", code, sentence: expect.stringContaining(`${kind} ${namespace}/src`) },
      ]);
    }
  });

  it("is refused with what the ExternalSecret reads, where Keyturn may see it", async () => {
    const spec = {
      secretStoreRef: { kind: "ClusterSecretStore", name: "vault" },
      data: [{ secretKey: "PRESENT", remoteRef: { key: "nivesh/backend", property: "jwt_secret" } }],
    };
    await cluster.apply(kindOf("external-secrets.io", "v1", "ExternalSecret"), {
      apiVersion: "external-secrets.io/v1",
      kind: "ExternalSecret",
      metadata: { name: "backend", namespace },
      spec,
    });
    const world = await objectWorld(cluster, { data });
    const manager = "externalsecrets.external-secrets.io/backend";
    const path = `${world.path}?fieldManager=${encodeURIComponent(manager)}`;
    const value = Buffer.from("synced").toString("base64");
    await cluster.api("PATCH", path, { data: { PRESENT: value } }, "application/merge-patch+json");

    expect(await (await openStore(world.bound)).preflight(["PRESENT"])).toMatchObject([
      {
        code: "owned_by_external_secrets",
        sentence: expect.stringContaining(
          `ExternalSecret ${namespace}/backend, which reads nivesh/backend (jwt_secret) of ClusterSecretStore vault`,
        ),
      },
    ]);
    expect(await (await openStore(world.bound)).preflight(["NEIGHBOUR"])).toEqual([]);
    await world.close();
  });

  it("is refused in the mode in which Sealed Secrets bears no reference, unless the SealedSecret leaves our key alone", async () => {
    const annotations = { "sealedsecrets.bitnami.com/patch": "true" };
    const world = await objectWorld(cluster, { data, metadata: { annotations } });
    const store = await openStore(world.bound);
    const refused = [
      {
        severity: "error",
        code: "owned_by_sealed_secrets",
        sentence: expect.stringContaining(`SealedSecret ${namespace}/${world.name}`),
      },
    ];
    expect(await store.preflight(["NEIGHBOUR"])).toMatchObject(refused);

    await cluster.apply(kindOf("bitnami.com", "v1alpha1", "SealedSecret"), {
      apiVersion: "bitnami.com/v1alpha1",
      kind: "SealedSecret",
      metadata: { name: world.name, namespace },
      spec: { encryptedData: { PRESENT: "AgBy3i4OJSWK" }, template: { data: { MADE: "{{ .PRESENT }}" } } },
    });

    expect(await store.preflight(["PRESENT"])).toMatchObject(refused);
    expect(await store.preflight(["MADE"])).toMatchObject(refused);
    expect(await store.preflight(["NEIGHBOUR"])).toEqual([]);
    await world.patch({ metadata: { annotations: { "sealedsecrets.bitnami.com/patch": null, ...managed } } });
    expect(await store.preflight(["NEIGHBOUR"])).toMatchObject(refused);
    await world.close();
  });

  it("is refused when a Helm release owns it, whoever wrote our key last, unless the catalog says that Helm keeps the key", async () => {
    const world = await objectWorld(cluster, {
      data,
      metadata: { labels: { "app.kubernetes.io/managed-by": "Helm" } },
    });
    const store = await openStore(world.bound);
    const keeping = await openStore(world.boundWith(cluster.kubeconfig, { helmKeeps: true }));
    const warned = [{ severity: "warning", code: "part_of_helm_release" }];
    const refused = [
      {
        severity: "error",
        code: "owned_by_helm",
        sentence: expect.stringContaining(`Helm release ${namespace}/front`),
        hint: expect.stringContaining("helmKeeps: true"),
      },
    ];
    // The label alone is what `helm template` leaves, too.
    expect(await store.preflight(["PRESENT"])).toMatchObject(warned);
    const release = { "meta.helm.sh/release-name": "front", "meta.helm.sh/release-namespace": namespace };
    await world.patch({ metadata: { annotations: release } });
    for (const manager of ["helm", "kubectl-patch"]) {
      const body = { data: { PRESENT: Buffer.from(`from ${manager}`).toString("base64") } };
      await cluster.api("PATCH", `${world.path}?fieldManager=${manager}`, body, "application/merge-patch+json");

      expect(await store.preflight(["PRESENT"])).toMatchObject(refused);
      expect(await store.preflight(["NEIGHBOUR"])).toMatchObject(refused);
      expect(await keeping.preflight(["PRESENT"])).toMatchObject(warned);
    }
    await world.close();
  });

  it("is warned of when another program applied our key server-side", async () => {
    const world = await objectWorld(cluster, { data });
    const applied = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: world.name, namespace },
      data: { PRESENT: Buffer.from("applied").toString("base64") },
    };
    const path = `${world.path}?fieldManager=terraform&force=true`;
    await cluster.api("PATCH", path, applied, "application/apply-patch+yaml");
    expect(await (await openStore(world.bound)).preflight(["PRESENT"])).toMatchObject([
      { severity: "warning", code: "applied_elsewhere", sentence: expect.stringContaining("terraform") },
    ]);
    await world.close();
  });

  it("is told apart from one that admission refuses: a policy is named, not a right", async () => {
    const admission = "admissionregistration.k8s.io";
    const world = await objectWorld(cluster, { data, metadata: { labels: { frozen: "yes" } } });
    await cluster.apply(
      {
        apiVersion: `${admission}/v1`,
        kind: "ValidatingAdmissionPolicy",
        metadata: { name: "frozen" },
        spec: {
          failurePolicy: "Fail",
          matchConstraints: {
            resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["secrets"] }],
          },
          validations: [{ expression: "!('labels' in object.metadata) || !('frozen' in object.metadata.labels)" }],
        },
      },
      {
        apiVersion: `${admission}/v1`,
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name: "frozen" },
        spec: { policyName: "frozen", validationActions: ["Deny"] },
      },
    );
    const heard = async () =>
      (await (await openStore(world.bound)).preflight(["PRESENT"])).map(({ sentence }) => sentence);
    await expect.poll(heard, { timeout: 20_000 }).toEqual([expect.stringMatching(/admission.*frozen/i)]);
    await world.close();
  });
});

/** A kind of object that takes anything. */
function kindOf(group: string, version: string, kind: string): object {
  const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const singular = kind.toLowerCase();
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: `${singular}s`, singular, kind },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}
