import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type ClusterShop, openClusterShop, until } from "../engine/cluster-shop.ts";
import { openStage } from "../engine/stage.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { type Audited } from "../servers/kubernetes/audit.ts";
import { type Cluster, startCluster } from "../servers/kubernetes/cluster.ts";
import { needs } from "../servers/need.ts";
import { type Postgres, startPostgres } from "../servers/postgres.ts";
import { optionActs } from "./option-acts.ts";
import { compared, markedRules, type Rule, rightsOf } from "./rights.ts";

const rbac = "rbac.authorization.k8s.io";
const marked = markedRules("backend");
const active = marked.filter((each) => each.active).map(({ rule }) => rule);
const rulesFor = (option: string): readonly Rule[] =>
  marked.filter((each) => each.option === option).map(({ rule }) => rule);

needs(
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
  "etcd",
)("the rights in deploy/kubernetes", { timeout: 180_000 }, () => {
  let cluster: Cluster;
  let postgres: Postgres;
  let shop: ClusterShop;
  beforeAll(async () => {
    cluster = await startCluster({ audit: true });
    const network = cluster.podNetwork?.cidr ?? "127.0.0.1/32";
    const hba = ["127.0.0.1/32", network].map((from) => `host all all ${from} scram-sha-256`);
    postgres = await startPostgres({ version: 18, hba });
    shop = await openClusterShop({ cluster, postgres, replicas: 2 });
    await cluster.apply(...others(shop.namespace));
  });
  afterAll(async () => {
    for (const kind of ["statefulsets", "daemonsets"]) {
      await cluster?.api("DELETE", `/apis/apps/v1/namespaces/${shop.namespace}/${kind}/backend`);
    }
    await shop?.close();
    await cluster?.stop();
    await postgres?.[Symbol.asyncDispose]();
  });

  it("are what a whole rotation uses: every one of them, and none that is missing", async () => {
    await using database = await freshDatabase();
    const stage = await openStage({ databaseUrl: database.url, ...shop, catalog: withOptions(shop) });
    const rotation = await stage.drive(await stage.approved());
    await stage.close();
    expect(rotation.ended, JSON.stringify([rotation.block, rotation.turnedBack])).toMatchObject({ status: "done" });

    const { own, everybodys } = split(await cluster.audited("keyturn", "keyturn"));
    const rules =
      cluster.podNetwork?.proxyable === true ? active : active.filter((rule) => !rulesFor("http").includes(rule));
    expect(own.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(compared(rules, own)).toEqual({ unused: [], beyond: [] });
    expect(new Set(own.map(({ namespace }) => namespace))).toEqual(new Set([shop.namespace]));
    // What every login may ask of a cluster by itself: its own rights, and which version it is.
    expect(new Set(everybodys.map(({ verb, resource, uri }) => `${verb} ${resource === "" ? uri : resource}`))).toEqual(
      new Set(["create selfsubjectrulesreviews"]),
    );
  });

  for (const option of new Set(marked.map((each) => each.option))) {
    const here = (): boolean => option !== "http" || cluster.podNetwork?.proxyable === true;
    it(`for ${option} are what it uses: every one of them, and none that is missing`, async ({ skip }) => {
      if (!here()) skip("the API server's pod proxy reaches no pod here");
      const name = `keyturn-${option}`;
      const base = option === "always" ? [] : rulesFor("always");
      const kubeconfig = await account(cluster, shop.namespace, name, [...base, ...rulesFor(option)]);
      await optionActs[option]?.({ namespace: shop.namespace, kubeconfig });

      const { own } = split(await cluster.audited("keyturn", name));
      expect(own.filter(({ allowed }) => !allowed)).toEqual([]);
      const beside = own.filter((each) => compared(base, [each]).beyond.length > 0);
      // To open a WebSocket is a get; that it may also create is asked beside it, and stands in no line of its own.
      const told = ["exec", "probe"].includes(option)
        ? beside.flatMap((each) => [each, { ...each, verb: "create" }])
        : beside;
      expect(compared(rulesFor(option), told)).toEqual({ unused: [], beyond: [] });
    });
  }

  it.each(["exec", "probe"])(
    "for %s are no more than the API server asks for: neither verb is enough alone",
    async (option) => {
      for (const verb of ["get", "create"]) {
        const name = `keyturn-${option}-${verb}`;
        const half = rulesFor(option).map((rule) => ({ ...rule, verbs: [verb] }));
        const kubeconfig = await account(cluster, shop.namespace, name, [...rulesFor("always"), ...half]);
        const looked = optionActs[option]?.({ namespace: shop.namespace, kubeconfig });
        await expect(looked).rejects.toMatchObject({ code: "kubernetes_forbidden" });
      }
    },
  );

  it("list no Secret, and read no other one", async () => {
    const all = marked.map(({ rule }) => rule);
    await account(cluster, shop.namespace, "keyturn-everything", all);
    await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "other", namespace: shop.namespace } });
    for (const { verb, name } of [
      { verb: "list", name: "" },
      { verb: "watch", name: "" },
      { verb: "get", name: "other" },
    ]) {
      const asked = { verb, apiGroup: "", resource: "secrets", name };
      expect(await may(cluster, shop.namespace, "keyturn-everything", asked), verb).toBe(false);
    }
  });

  it("would be found too many, or too few", async () => {
    const asked = await cluster.audited("keyturn", "keyturn-always");
    const { own } = split(asked);
    const always = rulesFor("always");
    const more: Rule = { apiGroups: [""], resources: ["secrets"], verbs: ["list"] };
    const other: Rule = {
      apiGroups: ["apps"],
      resources: ["deployments"],
      resourceNames: ["neighbour"],
      verbs: ["get"],
    };

    expect(compared([...always, more, other], own).unused).toEqual(["list secrets", "get apps/deployments neighbour"]);
    expect(compared(always.slice(1), own).beyond).toEqual(["get secrets backend", "patch secrets backend"]);
  });

  it("are refused in the open when one is missing: its account is told the rule", async () => {
    const name = "keyturn-too-few";
    const rules = rulesFor("always").filter(({ resources }) => !resources.includes("pods/log"));
    const kubeconfig = await account(cluster, shop.namespace, name, rules);
    await expect(optionActs["always"]?.({ namespace: shop.namespace, kubeconfig })).rejects.toThrow(/pods\/log/);
  });
});

/** The manifest's options that stand there without a `#` in the shop's own catalog. */
function withOptions({ catalog, namespace }: ClusterShop): string {
  const Catalog = z.looseObject({
    targets: z.tuple([z.looseObject({ consumers: z.tuple([z.looseObject({})]), checks: z.array(z.unknown()) })]),
  });
  const whole = Catalog.parse(JSON.parse(catalog));
  const [target] = whole.targets;
  const http = {
    kind: "http",
    pods: `test/${namespace}/deployment/backend`,
    port: 8080,
    path: "/health",
    settle: "200ms",
  };
  const consumers = [{ ...target.consumers[0], uses: ["secret/backend"] }];
  return JSON.stringify({ ...whole, targets: [{ ...target, consumers, checks: [...target.checks, http] }] });
}

/** What was asked by the manifest's rules, and what any login may ask. */
function split(asked: readonly Audited[]): {
  readonly own: readonly Audited[];
  readonly everybodys: readonly Audited[];
} {
  const isOwn = ({ reason, allowed }: Audited): boolean => !allowed || reason.includes(' of Role "keyturn');
  return { own: asked.filter((each) => isOwn(each)), everybodys: asked.filter((each) => !isOwn(each)) };
}

/** A service account with these rules in a namespace, known to the authoriser when this resolves: its kubeconfig. */
async function account(cluster: Cluster, namespace: string, name: string, rules: readonly Rule[]): Promise<string> {
  const roleRef = { apiGroup: rbac, kind: "Role", name };
  const subjects = [{ kind: "ServiceAccount", name, namespace: "keyturn" }];
  await cluster.apply(
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "keyturn" } },
    { apiVersion: `${rbac}/v1`, kind: "Role", metadata: { name, namespace }, rules },
    { apiVersion: `${rbac}/v1`, kind: "RoleBinding", metadata: { name, namespace }, roleRef, subjects },
  );
  for (const right of rightsOf(rules)) {
    await until(() => may(cluster, namespace, name, right), `${name} has its rights`);
  }
  return await cluster.kubeconfigFor("keyturn", name);
}

async function may(
  cluster: Cluster,
  namespace: string,
  serviceAccount: string,
  { verb, apiGroup, resource, name }: ReturnType<typeof rightsOf>[number],
): Promise<boolean> {
  const [kind = "", subresource] = resource.split("/");
  const answer = await cluster.api("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
    spec: {
      user: `system:serviceaccount:keyturn:${serviceAccount}`,
      groups: ["system:serviceaccounts", "system:serviceaccounts:keyturn", "system:authenticated"],
      resourceAttributes: { namespace, verb, group: apiGroup, resource: kind, subresource, name },
    },
  });
  return z.object({ status: z.object({ allowed: z.boolean() }) }).parse(answer).status.allowed;
}

/** Beside the Deployment: what the other options are about. */
function others(namespace: string): readonly object[] {
  const labels = { app: "beside" };
  const metadata = { name: "backend", namespace };
  const containers = [{ name: "backend", image: "backend", command: ["sleep", "100000"] }];
  const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } };
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "backend-config", namespace }, data: { KEY: "old" } },
    { apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec: { ...spec, replicas: 1, serviceName: "backend" } },
    { apiVersion: "apps/v1", kind: "DaemonSet", metadata, spec },
  ];
}
