import { z } from "zod";
import { Metadata } from "../../connections/kubernetes/objects.ts";
import type { Resource } from "../../connections/kubernetes/resource.ts";
import type { Finding } from "../../core/ports.ts";
import type { Key } from "./keys.ts";

const Texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((data) => data ?? {});

/** What both kinds of object have; `data` as it is stored (base64 in a Secret). */
export const Stored = z.object({
  metadata: Metadata,
  immutable: z.boolean().default(false),
  type: z.string().default(""),
  data: Texts,
  binaryData: Texts,
});
export type Stored = z.infer<typeof Stored>;

/** One object. */
export type At = Resource & { readonly namespace: string; readonly name: string };

/** How one kind of object keeps text under a key. */
export type Form = {
  readonly kind: "Secret" | "ConfigMap";
  readonly resource: "secrets" | "configmaps";
  /** Undefined: it is not text. */
  readonly decode: (stored: string) => string | undefined;
  readonly encode: (text: string) => string;
  /** Stands for the value of a key in a dry run: the server keeps nothing of it. */
  readonly standIn: (object: Stored, key: Key) => string;
  /** What people should know before a secret is put there. */
  readonly notes: (object: Stored, keys: readonly string[]) => readonly Finding[];
};

/** A kind of object, and what the catalog says of this one. */
export type Kept = { readonly form: Form; readonly helmKeeps?: boolean | undefined };
