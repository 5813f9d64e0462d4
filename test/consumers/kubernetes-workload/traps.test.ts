import { afterAll, beforeAll, expect, it } from "vitest";
import type { Consumer, Instance } from "../../../src/core/ports.ts";
import { isSettled } from "../../../src/core/settled.ts";
import { openConsumer, reload, until } from "../../contract/consumer-world.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { type Made, plurals, publishedNow, type WorkloadWorld, workloadWorld } from "./workload-world.ts";

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("what a restart of workloads can run into, on a real API server, its node played by hand", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
  });
  afterAll(() => cluster.stop());

  it.each([
    ["deployment", { spec: { paused: true } }, "workload_paused", "kubectl -n NS rollout resume deployment/web"],
    ["statefulset", { spec: { updateStrategy: { type: "OnDelete" } } }, "workload_on_delete", "RollingUpdate"],
    ["daemonset", { spec: { updateStrategy: { type: "OnDelete" } } }, "workload_on_delete", "RollingUpdate"],
    [
      "statefulset",
      { spec: { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } } },
      "workload_partitioned",
      '"partition":0',
    ],
    ["deployment", { spec: { replicas: 0 } }, "zero_consumers", "scale deployment/web --replicas=1"],
  ] as const)(
    "a %s that would not roll out (%o) is refused, with the command that mends it",
    async (kind, made, code, command) => {
      const world = await workloadWorld(cluster);
      await world.deploy({ kind: names[kind], ...made });
      const consumer = await world.open(`${kind}/web`);
      const before = await world.get(path(world, kind));

      const findings = await consumer.preflight();
      const refused = await consumer.reload(`${kind}/web`, publishedNow()).catch((error: unknown) => error);

      expect(findings).toContainEqual(expect.objectContaining({ severity: "error", code }));
      expect(findings.find((each) => each.code === code)?.command).toContain(command.replace("NS", world.namespace));
      expect(refused).toMatchObject({ name: "GiveUp", code });
      expect((await world.get(path(world, kind))).metadata.generation).toBe(before.metadata.generation);
    },
  );

  it("has no instance where there are zero pods, and none where there is no workload", async () => {
    const world = await workloadWorld(cluster);
    await world.deploy({ spec: { replicas: 0 } });

    expect(await (await world.open()).instances(publishedNow())).toEqual([]);
    expect(await (await world.open("deployment/none")).instances(publishedNow())).toEqual([]);
    expect(await (await world.open("deployment/none")).preflight()).toMatchObject([{ code: "workload_missing" }]);
  });

  it("a restart that was taken out of the template again, before it was done, fails and names who writes it", async () => {
    const { world, consumer } = await started({ metadata: { annotations: { "meta.helm.sh/release-name": "shop" } } });
    const expected = publishedNow();
    await reload(consumer, "deployment/web", expected);
    const old = new Set((await world.pods()).map(({ metadata }) => metadata.name));
    const before = await consumer.instances(expected);
    expect(before.every(({ failed }) => failed === undefined)).toBe(true);

    await world.patch(`${path(world)}?fieldManager=argocd-controller`, {
      spec: { template: { metadata: { annotations: marksGone } } },
    });

    const all = await world.seen(consumer, expected, (seen) => seen.some(({ failed }) => failed !== undefined));
    const { failed, id } = all.find((each) => each.failed !== undefined) ?? {};
    expect(failed).toMatchObject({ code: "restart_undone", sentence: expect.stringMatching(/Helm release .*shop/) });
    expect(old.has(id?.split("/").at(-1) ?? "")).toBe(true);
  });

  it("stays settled when somebody takes the annotations out after it: the pods are newer than the publish all the same", async () => {
    const { world, consumer } = await started();
    const expected = publishedNow();
    await reload(consumer, "deployment/web", expected);
    await world.seen(consumer, expected, isSettled);
    // A pod of the very second of the mark could be older than it.
    await until(
      () => Promise.resolve(Date.now()),
      (now) => now > Date.parse(expected.since) + 2_000,
    );

    await world.patch(path(world), {
      spec: { template: { metadata: { annotations: { ...marksGone, deploy: "2" } } } },
    });

    const during = await consumer.instances(expected);
    expect(isSettled(during)).toBe(false);
    const after = await world.seen(
      consumer,
      expected,
      (all) => isSettled(all) && all.every(({ detail }) => detail !== ""),
    );
    expect(isSettled(after)).toBe(true);
    expect(
      (await world.pods()).every(({ metadata }) => metadata.annotations["keyturn.dev/published"] === undefined),
    ).toBe(true);
  });

  it("a teammate's deploy during the roll-out goes on with it, and everything settles on the new value", async () => {
    const { world, consumer } = await started();
    const expected = publishedNow();
    await reload(consumer, "deployment/web", expected);
    await world.play();

    await world.patch(path(world), { spec: { template: { metadata: { annotations: { release: "42" } } } } });

    const all = await world.seen(consumer, expected, isSettled);
    expect(isSettled(all)).toBe(true);
    expect((await world.pods()).map(({ metadata }) => metadata.annotations["release"])).toEqual(["42", "42", "42"]);
  });

  it("pods that cannot be made are missing, one by one, with Kubernetes' reason", async () => {
    const { world, consumer } = await started();
    await cluster.apply({
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "few", namespace: world.namespace },
      spec: { hard: { pods: "3" } },
    });
    await world.patch(path(world), { spec: { replicas: 5 } });

    const all = await world.seen(consumer, publishedNow(), (seen) =>
      seen.some(({ detail }) => detail.includes("FailedCreate")),
    );

    expect(all.map(({ id, detail }) => [id, detail]).slice(3)).toEqual([
      ["deployment/web/missing-1", "is not there yet (FailedCreate)"],
      ["deployment/web/missing-2", "is not there yet (FailedCreate)"],
    ]);
  });

  it.each([
    ["pod_image", waiting("ImagePullBackOff", "Back-off pulling image"), [], "ImagePullBackOff"],
    [
      "pod_config",
      waiting("CreateContainerConfigError", "couldn't find key URL in Secret"),
      [],
      "CreateContainerConfigError",
    ],
    [
      "pod_crashes",
      waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container"),
      [],
      "CrashLoopBackOff, exit code 1, 3 restarts",
    ],
    ["pod_unschedulable", {}, [unschedulable], "fits on no node"],
  ])("fails at once with %s, on the new value only", async (code, state, conditions, words) => {
    const { world, consumer } = await started();
    const expected = publishedNow();
    const old = new Set((await world.pods()).map(({ metadata }) => metadata.name));
    await breakPod(world, [...old][0] ?? "", state, conditions);
    expect(failedOf(await consumer.instances(expected))).toEqual([]);
    await reload(consumer, "deployment/web", expected);
    const fresh =
      (
        await until(
          async () => (await world.pods()).map(({ metadata }) => metadata.name).filter((name) => !old.has(name)),
          (found) => found.length > 0,
        )
      )[0] ?? "";
    await breakPod(world, fresh, state, conditions);

    const all = await world.seen(
      consumer,
      expected,
      (seen) => failedOf(seen).length > 0,
      () => true,
    );

    expect(failedOf(all)).toMatchObject([{ id: `deployment/web/${fresh}`, failed: { code } }]);
    expect(failedOf(all)[0]?.failed?.sentence).toContain(words);
  });

  it("gives the scheduler some seconds before a pod counts as unschedulable", async () => {
    const { world, consumer } = await started();
    const expected = publishedNow();
    const old = new Set((await world.pods()).map(({ metadata }) => metadata.name));
    await reload(consumer, "deployment/web", expected);
    const fresh =
      (
        await until(
          async () => (await world.pods()).map(({ metadata }) => metadata.name).filter((name) => !old.has(name)),
          (found) => found.length > 0,
        )
      )[0] ?? "";

    await breakPod(world, fresh, {}, [{ ...unschedulable, lastTransitionTime: new Date().toISOString() }]);

    expect(failedOf(await consumer.instances(expected))).toEqual([]);
  });

  it("fails when the Deployment has passed its own deadline", async () => {
    const { world, consumer } = await started({ spec: { replicas: 3, progressDeadlineSeconds: 1 } });
    const expected = publishedNow();
    await reload(consumer, "deployment/web", expected);

    const all = await world.seen(
      consumer,
      expected,
      (seen) => failedOf(seen).length > 0,
      () => true,
    );

    expect(failedOf(all)).toMatchObject([{ on: "new", failed: { code: "progress_deadline" } }]);
  });

  it("says what a restart interrupts, and who may undo it", async () => {
    const world = await workloadWorld(cluster);
    await world.deploy({ name: "recreated", spec: { replicas: 2, strategy: { type: "Recreate" } } });
    await world.deploy({
      name: "all-at-once",
      spec: { replicas: 2, strategy: { rollingUpdate: { maxUnavailable: "100%" } } },
    });
    await world.deploy({ name: "alone", kind: "StatefulSet", spec: { replicas: 1 } });
    await world.deploy({
      name: "rolling",
      metadata: {
        annotations: { "argocd.argoproj.io/tracking-id": `shop:apps/Deployment:${world.namespace}/rolling` },
      },
    });

    const codes = async (at: string) =>
      (await (await world.open(at)).preflight()).map(({ severity, code }) => [severity, code]);
    expect(await codes("deployment/recreated")).toEqual([["warning", "restart_interrupts"]]);
    expect(await codes("deployment/all-at-once")).toEqual([["warning", "restart_interrupts"]]);
    expect(await codes("statefulset/alone")).toEqual([["warning", "restart_interrupts"]]);
    expect(await codes("deployment/rolling")).toEqual([["warning", "gitops_may_undo"]]);
    expect((await (await world.open("deployment/rolling")).preflight())[0]?.hint).toContain("ignoreDifferences");
  });

  it("names every right that is missing, with the rule to add, and nothing more once they are there", async () => {
    const world = await workloadWorld(cluster);
    const { namespace } = world;
    await world.deploy();
    const metadata = { name: "keyturn", namespace };
    await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata });
    const kubeconfig = await cluster.kubeconfigFor(namespace, "keyturn");
    const open = (): Promise<Consumer> =>
      openConsumer(world.bind("deployment/web", { connection: { kind: "kubernetes", kubeconfig } }));

    const missing = await (await open()).preflight();

    expect(missing.map(({ severity, code }) => `${severity} ${code}`)).toEqual(
      Array(5).fill("error kubernetes_rights"),
    );
    const rules = missing.map(({ hint = "" }) => /: - (\{.*\})$/.exec(hint)?.[1] ?? "");
    expect(rules[0]).toBe(
      '{ apiGroups: ["apps"], resources: ["deployments"], resourceNames: ["web"], verbs: ["get", "patch"] }',
    );
    const rbac = "rbac.authorization.k8s.io";
    await cluster.apply(
      { apiVersion: `${rbac}/v1`, kind: "Role", metadata, rules: rules.map((rule) => parse(rule)) },
      {
        apiVersion: `${rbac}/v1`,
        kind: "RoleBinding",
        metadata,
        roleRef: { apiGroup: rbac, kind: "Role", name: "keyturn" },
        subjects: [{ kind: "ServiceAccount", name: "keyturn", namespace }],
      },
    );
    const consumer = await open();
    expect(
      await until(
        () => consumer.preflight(),
        (found) => found.length === 0,
      ),
    ).toEqual([]);
    const expected = publishedNow();
    await reload(consumer, "deployment/web", expected);
    expect(isSettled(await world.seen(consumer, expected, isSettled))).toBe(true);
  });

  const names = { deployment: "Deployment", statefulset: "StatefulSet", daemonset: "DaemonSet" } as const;

  async function started(made: Made = {}): Promise<{ world: WorkloadWorld; consumer: Consumer }> {
    const world = await workloadWorld(cluster);
    await world.deploy(made);
    await world.settle(3);
    return { world, consumer: await world.open() };
  }

  function path({ namespace }: WorkloadWorld, kind: keyof typeof plurals = "deployment"): string {
    return `/apis/apps/v1/namespaces/${namespace}/${plurals[kind]}/web`;
  }
});

const marksGone = {
  "kubectl.kubernetes.io/restartedAt": null,
  "keyturn.dev/rotation": null,
  "keyturn.dev/published": null,
};

const unschedulable = {
  type: "PodScheduled",
  status: "False",
  reason: "Unschedulable",
  message: "0/3 nodes are available: 3 Insufficient memory.",
  lastTransitionTime: "2026-01-01T00:00:00Z",
};

function waiting(reason: string, message: string): object {
  return {
    state: { waiting: { reason, message } },
    lastState: { terminated: { exitCode: 1, reason: "Error" } },
    restartCount: 3,
  };
}

async function breakPod(
  world: WorkloadWorld,
  name: string,
  state: object,
  conditions: readonly object[],
): Promise<void> {
  const containerStatuses = [{ name: "app", ready: false, restartCount: 0, image: "none", imageID: "", ...state }];
  const status = {
    phase: "Pending",
    conditions: [{ type: "Ready", status: "False" }, ...conditions],
    containerStatuses,
  };
  await world.patch(`/api/v1/namespaces/${world.namespace}/pods/${name}/status`, { status });
}

function failedOf(all: readonly Instance[]): readonly Instance[] {
  return all.filter(({ failed }) => failed !== undefined);
}

/** A rule as people paste it: YAML in one line. */
function parse(rule: string): object {
  return JSON.parse(rule.replaceAll(/([a-zA-Z]+):/g, '"$1":'));
}
