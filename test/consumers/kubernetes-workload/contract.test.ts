import { afterAll, beforeAll } from "vitest";
import { type ConsumerWorld, consumerContract } from "../../contract/consumer.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { type Made, plurals, publishedNow, workloadWorld } from "./workload-world.ts";

/** Reads the Secret as its environment, and says that it has started. */
const pod = {
  terminationGracePeriodSeconds: 1,
  containers: [
    {
      name: "app",
      image: "none",
      command: ["sh", "-c", 'echo "started with ${#PASSWORD} characters"; exec sleep 1000'],
      envFrom: [{ secretRef: { name: "db" } }],
      // Whoever takes the place of a pod that was ended is not ready before this was seen.
      readinessProbe: { exec: { command: ["true"] }, initialDelaySeconds: 1, periodSeconds: 1 },
    },
  ],
};

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
)("on a real cluster with pods", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  const world = (kind: keyof typeof plurals, made: Made) => async (): Promise<ConsumerWorld> => {
    const kept = await workloadWorld(cluster, false);
    const { namespace } = kept;
    const secrets: string[] = [];
    const publish = async () => {
      const PASSWORD = `canary-k8s-${secrets.length}-Zq8Kx2`;
      secrets.push(PASSWORD);
      await cluster.apply({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "db", namespace },
        stringData: { PASSWORD },
      });
      return publishedNow({}, { PASSWORD });
    };
    await publish();
    await kept.deploy({ name: "web", pod, ...made });
    await kept.settle(2);
    const path = `/apis/apps/v1/namespaces/${namespace}/${plurals[kind]}/web`;
    return {
      bound: kept.bind(`${kind}/web`),
      empty: kept.bind(`${kind}/none`),
      publish,
      starts: async () => ({ [`${kind}/web`]: (await kept.get(path)).metadata.generation }),
      kill: async (instance) => {
        const name = instance.split("/").at(-1) ?? "";
        // A pod that was being replaced may be gone by now, which is what is asked for.
        await cluster.api("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`).catch((error: unknown) => {
          if (!String(error).includes(": 404 ")) throw error;
        });
      },
      secrets: () => secrets,
      close: async () => {
        await cluster.api("DELETE", `/api/v1/namespaces/${namespace}`);
      },
    };
  };

  consumerContract({
    name: "kubernetes-workload, a Deployment",
    makeWorld: world("deployment", { kind: "Deployment", spec: { replicas: 2 } }),
  });
  consumerContract({
    name: "kubernetes-workload, a StatefulSet",
    makeWorld: world("statefulset", { kind: "StatefulSet", spec: { replicas: 2, serviceName: "web" } }),
  });
});
