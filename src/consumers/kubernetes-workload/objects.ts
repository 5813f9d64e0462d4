import { z } from "zod";
import { Metadata } from "../../connections/kubernetes/objects.ts";

const Key = z.object({ name: z.string().default("") }).optional();
const Container = z.object({
  name: z.string(),
  env: z
    .array(
      z.object({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z.object({ secretKeyRef: Key, configMapKeyRef: Key }).optional(),
      }),
    )
    .default([]),
  envFrom: z.array(z.object({ secretRef: Key, configMapRef: Key })).default([]),
});
export type Container = z.infer<typeof Container>;

/** The API sends null where nobody named a source: of all lists here the only one that has no `omitempty` and may be empty. */
const Sources = z
  .array(z.object({ secret: Key, configMap: Key }))
  .nullish()
  .transform((sources) => sources ?? []);

const Volume = z.object({
  name: z.string(),
  secret: z.object({ secretName: z.string().default("") }).optional(),
  configMap: Key,
  projected: z.object({ sources: Sources }).optional(),
  csi: z.object({ nodePublishSecretRef: Key }).optional(),
});

export const PodSpec = z.object({
  containers: z.array(Container).default([]),
  initContainers: z.array(Container).default([]),
  ephemeralContainers: z.array(Container).default([]),
  volumes: z.array(Volume).default([]),
  imagePullSecrets: z.array(z.object({ name: z.string().default("") })).default([]),
});
export type PodSpec = z.infer<typeof PodSpec>;

const Template = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }).default({ annotations: {} }),
  spec: PodSpec,
});

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
  lastTransitionTime: z.string().nullish(),
});

/** Deployment, StatefulSet and DaemonSet in one: each has its own part of the numbers. */
export const Workload = z.object({
  metadata: Metadata,
  spec: z.object({
    replicas: z.number().optional(),
    paused: z.boolean().default(false),
    podManagementPolicy: z.string().default(""),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()).default({}) }).default({ matchLabels: {} }),
    template: Template,
    strategy: z
      .object({
        type: z.string().default(""),
        rollingUpdate: z.object({ maxUnavailable: z.union([z.number(), z.string()]).optional() }).optional(),
      })
      .optional(),
    updateStrategy: z
      .object({
        type: z.string().default(""),
        rollingUpdate: z
          .object({ partition: z.number().default(0), maxSurge: z.union([z.number(), z.string()]).optional() })
          .optional(),
      })
      .optional(),
  }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      readyReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      currentRevision: z.string().default(""),
      updateRevision: z.string().default(""),
      desiredNumberScheduled: z.number().default(0),
      updatedNumberScheduled: z.number().default(0),
      numberAvailable: z.number().default(0),
      conditions: z.array(Condition).default([]),
    })
    .prefault({}),
});
export type Workload = z.infer<typeof Workload>;

const Terminated = z.object({
  exitCode: z.number().default(0),
  reason: z.string().default(""),
  startedAt: z.string().nullish(),
  finishedAt: z.string().nullish(),
});
const ContainerStatus = z.object({
  name: z.string(),
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  state: z
    .object({
      waiting: z.object({ reason: z.string().default(""), message: z.string().default("") }).optional(),
      running: z.object({ startedAt: z.string().nullish() }).optional(),
      terminated: Terminated.optional(),
    })
    .prefault({}),
  lastState: z.object({ terminated: Terminated.optional() }).prefault({}),
});
export type ContainerStatus = z.infer<typeof ContainerStatus>;

export const Pod = z.object({
  metadata: Metadata,
  spec: PodSpec,
  status: z
    .object({
      phase: z.string().default(""),
      podIPs: z.array(z.object({ ip: z.string().default("") })).default([]),
      conditions: z.array(Condition).default([]),
      initContainerStatuses: z.array(ContainerStatus).default([]),
      containerStatuses: z.array(ContainerStatus).default([]),
    })
    .prefault({}),
});
export type Pod = z.infer<typeof Pod>;

export const ReplicaSet = z.object({ metadata: Metadata });
export type ReplicaSet = z.infer<typeof ReplicaSet>;

/** What runs pods of a template once, or at times: Job and CronJob. */
export const Job = z.object({
  metadata: Metadata,
  spec: z.object({ template: Template }),
  status: z.object({ conditions: z.array(Condition).default([]) }).prefault({}),
});
export const CronJob = z.object({
  metadata: Metadata,
  spec: z.object({ jobTemplate: z.object({ spec: z.object({ template: Template }) }) }),
});
export const Ingress = z.object({
  metadata: Metadata,
  spec: z.object({ tls: z.array(z.object({ secretName: z.string().optional() })).default([]) }).prefault({}),
});
