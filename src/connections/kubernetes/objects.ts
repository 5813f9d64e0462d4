import { z } from "zod";

const Texts = z.record(z.string(), z.string()).default({});

/** Who else answers for an object, as its own reference says. */
const OwnerReference = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().optional(),
});

/** Which program last wrote which fields. `fieldsV1` is a tree of "f:name" keys. */
const ManagedField = z.object({
  manager: z.string().default(""),
  operation: z.string().default(""),
  subresource: z.string().default(""),
  time: z.string().optional(),
  fieldsV1: z.record(z.string(), z.unknown()).default({}),
});

/** The metadata of every object. Times are ISO 8601 UTC of the API server's clock, in whole seconds. */
export const Metadata = z.object({
  name: z.string(),
  namespace: z.string().default(""),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().default(0),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  labels: Texts,
  annotations: Texts,
  ownerReferences: z.array(OwnerReference).default([]),
  managedFields: z.array(ManagedField).default([]),
});
export type Metadata = z.infer<typeof Metadata>;

/** An object of which only the metadata matters. */
export const Named = z.object({ metadata: Metadata });
