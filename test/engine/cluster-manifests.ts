import { fileURLToPath } from "node:url";

export const configmapName = "backend-config";

export type ManifestOptions = {
  readonly folder: string;
  readonly replicas: number;
  readonly redis?: unknown;
  readonly crashes?: boolean;
  readonly store?: string;
  readonly workload?: "deployment" | "statefulset";
  readonly revisionHistoryLimit?: number;
  readonly everyMs?: number;
};

/** What the application reads: a Secret, or a ConfigMap where the store is one. */
export function sourceOf(namespace: string, data: Readonly<Record<string, string>>, store?: string): object {
  return store === "kubernetes-configmap"
    ? { apiVersion: "v1", kind: "ConfigMap", metadata: { name: configmapName, namespace }, data }
    : { apiVersion: "v1", kind: "Secret", metadata: { name: "backend", namespace }, stringData: data };
}

/** Pods of `sandbox/world/pod.ts`: a Deployment that makes one more at a time, or a StatefulSet. */
export function workloadOf(namespace: string, options: ManifestOptions): object {
  const { replicas, workload = "deployment", revisionHistoryLimit } = options;
  const labels = { app: "backend" };
  return {
    apiVersion: "apps/v1",
    kind: workload === "deployment" ? "Deployment" : "StatefulSet",
    metadata: { name: "backend", namespace },
    spec: {
      replicas,
      ...(revisionHistoryLimit === undefined ? {} : { revisionHistoryLimit }),
      selector: { matchLabels: labels },
      ...(workload === "deployment"
        ? { strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }
        : { serviceName: "backend" }),
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 5, containers: [containerOf(options)] },
      },
    },
  };
}

function containerOf(options: ManifestOptions): object {
  const { folder, redis, crashes = false, store, workload, everyMs = 50 } = options;
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const logins = ["postgres:CONNECTIONSTRINGS__DEFAULTCONNECTION", "postgres:TENANTDATABASES__KURA"];
  return {
    name: "backend",
    image: "backend",
    command: [process.execPath, fileURLToPath(new URL("../../sandbox/world/pod.ts", import.meta.url))],
    envFrom: [
      store === "kubernetes-configmap" ? { configMapRef: { name: configmapName } } : { secretRef: { name: "backend" } },
    ],
    env: [
      {
        name: "LOGINS",
        value: [...logins, ...(redis === undefined ? [] : ["redis:REDIS__CONNECTIONSTRING"])].join(" "),
      },
      // Pods of a StatefulSet have the names of those before them, whose counts stay.
      field("POD_NAME", workload === "statefulset" ? "metadata.uid" : "metadata.name"),
      field("POD_IP", "status.podIP"),
      { name: "PORT", value: "8080" },
      { name: "COUNTS_FOLDER", value: folder },
      { name: "EVERY_MS", value: String(everyMs) },
      ...(crashes ? [{ name: "CRASH_ON_REFUSAL", value: "yes" }] : []),
    ],
    readinessProbe: { httpGet: { path: "/health", port: 8080 }, periodSeconds: 1, failureThreshold: 2 },
  };
}
