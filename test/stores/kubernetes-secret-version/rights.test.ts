import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { Secret } from "../../../src/core/secret.ts";
import { openStore } from "../../contract/store-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { type VersionWorld, versionWorld } from "./version-world.ts";

const Manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  rules: z
    .array(
      z.looseObject({
        resources: z.array(z.string()),
        verbs: z.array(z.string()),
        resourceNames: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
type Manifest = z.infer<typeof Manifest>;
type Rule = NonNullable<Manifest["rules"]>[number];

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("rights for versions of a Secret", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
    await cluster.apply(...manifests("keyturn.yaml"));
  });
  afterAll(() => cluster.stop());

  it("of another Secret are not among those of fixed names", () => {
    const [role] = manifests("versioned-fixed.yaml").map((object) => Manifest.parse(object));
    const secrets = (role?.rules ?? []).filter(({ resources }) => resources.includes("secrets"));
    expect(secrets.map(({ resourceNames, verbs }) => [resourceNames, verbs])).toEqual([
      [["db-credentials"], ["get"]],
      [
        ["db-credentials-a", "db-credentials-b"],
        ["get", "patch"],
      ],
    ]);
  });

  it("are exactly those of the manifests", async () => {
    const world = await versionWorld(cluster);
    const kubeconfig = await granted(world, ["versioned.yaml"]);
    const store = await openStore(world.boundWith({}, kubeconfig));

    await expect.poll(() => store.preflight(["PRESENT"]), { timeout: 20_000 }).toEqual([]);
    const { place = "" } = await publish(world, kubeconfig, "one");
    await world.follow(place);
    await world.make("db-r1-1", { metadata: { labels: { "keyturn.dev/secret": "db" } } });
    expect(await store.prune?.()).toEqual(["db-r1-1"]);
    await expect(cluster.api("GET", `/api/v1/namespaces/${world.namespace}/secrets/${place}`)).resolves.toBeDefined();
  });

  it.each([
    ["secrets", "get", "error", '- { apiGroups: [""], resources: ["secrets"], verbs: ["get"] }'],
    ["secrets", "create", "error", '- { apiGroups: [""], resources: ["secrets"], verbs: ["create"] }'],
    ["secrets", "list", "warning", '- { apiGroups: [""], resources: ["secrets"], verbs: ["list"] }'],
    ["secrets", "delete", "warning", '- { apiGroups: [""], resources: ["secrets"], verbs: ["delete"] }'],
    [
      "controllerrevisions",
      "list",
      "warning",
      '- { apiGroups: ["apps"], resources: ["controllerrevisions"], verbs: ["list"] }',
    ],
    ["deployments", "list", "error", '- { apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"] }'],
    ["pods", "list", "warning", '- { apiGroups: [""], resources: ["pods"], verbs: ["list"] }'],
  ])("without %s %s are a finding with the rule that is missing", async (resource, verb, severity, command) => {
    const world = await versionWorld(cluster);
    const kubeconfig = await granted(world, ["versioned.yaml"], (rule) =>
      rule.resources.includes(resource) && rule.verbs.includes(verb)
        ? [
            { ...rule, verbs: rule.verbs.filter((each) => each !== verb) },
            { ...rule, resources: rule.resources.filter((each) => each !== resource), verbs: [verb] },
          ].filter(({ resources, verbs }) => resources.length > 0 && verbs.length > 0)
        : [rule],
    );
    const code = severity === "error" ? "kubernetes_forbidden" : "versions_stay";

    const store = await openStore(world.boundWith({}, kubeconfig));

    await expect
      .poll(() => store.preflight(["PRESENT"]), { timeout: 20_000 })
      .toMatchObject([{ severity, code, command }]);
  });

  it("are limited to three names where names are fixed", async () => {
    const world = await versionWorld(cluster, { names: "fixed" });
    const named = (rule: Rule): readonly Rule[] => [
      { ...rule, ...(rule.resourceNames === undefined ? {} : { resourceNames: rule.resourceNames.map(shortened) }) },
    ];
    const kubeconfig = await granted(world, ["versioned-fixed.yaml"], named);
    const limited = await openStore(world.boundWith({}, kubeconfig));
    await expect.poll(() => limited.preflight(["PRESENT"]), { timeout: 20_000 }).toEqual([]);
    const { place = "" } = await publish(world, kubeconfig, "one");
    await world.follow(place);
    expect(await publish(world, kubeconfig, "two")).toMatchObject({ place: "db-b" });

    await granted(world, ["versioned-fixed.yaml"], (rule) =>
      named(rule).map((each) =>
        each.resourceNames === undefined
          ? each
          : { ...each, resourceNames: each.resourceNames.filter((name) => name !== "db-b") },
      ),
    );
    const store = await openStore(world.boundWith({}, kubeconfig));
    const rule = (verb: string) =>
      `- { apiGroups: [""], resources: ["secrets"], resourceNames: ["db-b"], verbs: ["${verb}"] }`;
    await expect
      .poll(() => store.preflight(["PRESENT"]), { timeout: 20_000 })
      .toMatchObject([
        { severity: "error", code: "kubernetes_forbidden", command: rule("get") },
        { severity: "error", code: "kubernetes_forbidden", command: rule("patch") },
      ]);
  });

  it("do not help over a quota, which preflight finds", async () => {
    const world = await versionWorld(cluster);
    const { namespace } = world;
    await cluster.apply({
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "few", namespace },
      spec: { hard: { "count/secrets": "1" } },
    });
    const quota = `/api/v1/namespaces/${namespace}/resourcequotas/few`;
    await expect
      .poll(() => cluster.api("GET", quota), { timeout: 20_000 })
      .toMatchObject({ status: { used: { "count/secrets": "1" } } });

    const findings = await (await openStore(world.bound)).preflight(["PRESENT"]);

    expect(findings).toMatchObject([{ severity: "error", sentence: expect.stringMatching(/quota/) }]);
  });

  it("leave a Secret of somebody else alone that is called as a version is, and find one whose owner does not reach the copies", async () => {
    const world = await versionWorld(cluster);
    const { namespace } = world;
    await world.make("db-a");
    const container = { name: "app", image: "none" };
    const both = [{ secretRef: { name: "db" } }, { secretRef: { name: "db-a" } }];
    await world.deploy("web", "", "Deployment", {
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ ...container, envFrom: both }] } },
    });
    const store = await openStore(world.bound);
    expect(await store.preflight(["PRESENT"])).toEqual([]);

    await world.follow("db");
    await world.deploy("other", "db-a");
    expect(await store.preflight(["PRESENT"])).toEqual([]);

    await world.patch(`/api/v1/namespaces/${namespace}/secrets/db`, {
      metadata: { labels: { "kustomize.toolkit.fluxcd.io/name": "shop" } },
    });
    expect(await store.preflight(["PRESENT"])).toMatchObject([{ severity: "warning", code: "copies_detached" }]);
  });

  /** Applies manifests for Keyturn's account in the world's namespace. */
  async function granted(
    world: VersionWorld,
    files: readonly string[],
    change: (rule: Rule) => readonly Rule[] = (rule) => [rule],
  ): Promise<string> {
    for (const file of files) await cluster.apply(...manifests(file, world.namespace, change));
    return await cluster.kubeconfigFor("keyturn", "keyturn");
  }
});

/** The manifests speak of `db-credentials`, the worlds of `db`. */
function shortened(name: string): string {
  return name.replace("db-credentials", "db");
}

async function publish(world: VersionWorld, kubeconfig: string, value: string) {
  const store = await openStore(world.boundWith({}, kubeconfig));
  const { version } = await store.read(["PRESENT"]);
  return await store.publish({ PRESENT: new Secret(value) }, version);
}

function manifests(
  file: string,
  namespace?: string,
  change: (rule: Rule) => readonly object[] = (rule) => [rule],
): readonly object[] {
  const text = readFileSync(new URL(`../../../deploy/kubernetes/${file}`, import.meta.url), "utf8");
  return parseAllDocuments(text).map((document) => {
    const object = Manifest.parse(document.toJS());
    return {
      ...object,
      metadata: { ...object.metadata, ...(namespace === undefined ? {} : { namespace }) },
      ...(object.rules === undefined ? {} : { rules: object.rules.flatMap(change) }),
    };
  });
}
