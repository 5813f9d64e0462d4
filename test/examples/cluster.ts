import { fileURLToPath } from "node:url";
import { z } from "zod";
import { until } from "../engine/cluster-shop.ts";
import type { Cluster } from "../servers/kubernetes/cluster.ts";
import type { Names } from "../servers/kubernetes/grant.ts";

const texts = z.record(z.string(), z.string()).default({});
const List = z.object({ items: z.array(z.unknown()) });
const Pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ deletionTimestamp: z.string().optional() }),
      status: z.object({
        podIP: z.string().default(""),
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      }),
    }),
  ),
});

/** A Deployment of two pods of `sandbox/world/pod.ts`, one more at a time; its other variables come from `more`. */
export function deploymentOf(
  names: Names,
  folder: string,
  logins: string,
  more: { env?: object[]; envFrom?: object[] },
) {
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const labels = { app: names.workload };
  const container = {
    name: names.workload,
    image: names.workload,
    command: [process.execPath, fileURLToPath(new URL("../../sandbox/world/pod.ts", import.meta.url))],
    workingDir: `${folder}/image`,
    envFrom: more.envFrom ?? [],
    env: [
      { name: "PATH", value: `${folder}/image:/usr/bin:/bin` },
      { name: "LOGINS", value: logins },
      field("POD_NAME", "metadata.name"),
      field("POD_IP", "status.podIP"),
      { name: "PORT", value: "8080" },
      { name: "COUNTS_FOLDER", value: folder },
      { name: "EVERY_MS", value: "200" },
      ...(more.env ?? []),
    ],
    readinessProbe: { httpGet: { path: "/health", port: 8080 }, periodSeconds: 1, failureThreshold: 2 },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: names.workload, namespace: names.namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 5, containers: [container] } },
    },
  };
}

/** Addresses of the ready pods of a namespace that are not ending. */
export async function readyPods(cluster: Cluster, namespace: string): Promise<readonly string[]> {
  const { items } = Pods.parse(await cluster.api("GET", `/api/v1/namespaces/${namespace}/pods`));
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ status }) => status.conditions.some((each) => each.type === "Ready" && each.status === "True"))
    .map(({ status }) => status.podIP);
}

export async function replicaSets(cluster: Cluster, namespace: string): Promise<number> {
  return List.parse(await cluster.api("GET", `/apis/apps/v1/namespaces/${namespace}/replicasets`)).items.length;
}

/** What a Secret holds, as text. */
export async function secretData(cluster: Cluster, namespace: string, name: string) {
  const object = await cluster.api("GET", `/api/v1/namespaces/${namespace}/secrets/${name}`);
  const { data } = z.object({ data: texts }).parse(object);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

/** Ends the application and waits until its pods are gone. */
export async function removeDeployment(cluster: Cluster, { namespace, workload }: Names): Promise<void> {
  await cluster.api("DELETE", `/apis/apps/v1/namespaces/${namespace}/deployments/${workload}`);
  const pods = async () => List.parse(await cluster.api("GET", `/api/v1/namespaces/${namespace}/pods`)).items;
  await until(async () => (await pods()).length === 0, "the pods are gone");
}
