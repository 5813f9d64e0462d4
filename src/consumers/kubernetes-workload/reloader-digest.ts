import { createHash } from "node:crypto";
import { z } from "zod";
import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Expected } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { type Config, usedOf } from "./config.ts";
import type { PodSpec } from "./objects.ts";
import { type Reference, referencesIn } from "./references.ts";

/** Part of a pod or of a template that Reloader writes to. */
type Marked = { readonly annotations: Readonly<Record<string, string>>; readonly spec: PodSpec };
type Source = Pick<Reference, "kind" | "name">;
type Mark = Source & { readonly digest: string };

const lastReloaded = "reloader.stakater.com/last-reloaded-from";
const From = z.object({ type: z.string().default("SECRET"), name: z.string(), hash: z.string() });
const Texts = z.record(z.string(), z.string()).default({});
const Data = z.object({ data: Texts, binaryData: Texts });

/**
 * Tells a pod (or template) that Reloader made for what was published: it bears the digest of the content of a Secret or ConfigMap,
 * which has that content now, and whose keys hold what was published. No clock is asked. One that Keyturn may not read tells nothing.
 */
export async function reloadedFor(
  cluster: Cluster,
  namespace: string,
  template: Marked,
  config: Pick<Config, "uses">,
  expected: Pick<Expected, "values">,
): Promise<(marked: Marked) => boolean> {
  const current: Mark[] = [];
  for (const { kind, name } of marksOf(template, config)) {
    const resource = kind === "secret" ? "secrets" : "configmaps";
    const found = await cluster.find({ api: "v1", resource, namespace, name }, Data).catch((error: unknown) => {
      if (error instanceof GiveUp && error.code === "kubernetes_forbidden") return undefined;
      throw error;
    });
    const content = found === undefined ? undefined : contentOf(kind, found);
    if (content === undefined || !holds(content, expected)) continue;
    current.push(...digestsOf(content).map((digest) => ({ kind, name, digest })));
  }
  return (marked) =>
    marksOf(marked, config).some(({ kind, name, digest }) =>
      current.some((each) => each.kind === kind && each.name === name && each.digest === digest),
    );
}

/** The digests that Reloader left: in an environment variable of a container, or in an annotation. */
function marksOf({ annotations, spec }: Marked, { uses }: Pick<Config, "uses">): readonly Mark[] {
  const env = spec.containers.flatMap((container) => container.env);
  const used = uses
    .map(usedOf)
    .map(({ kind, name }): Source => ({ kind: kind === "configmap" ? kind : "secret", name }));
  const all = [...referencesIn(spec), ...used].map(({ kind, name }) => ({ kind, name }));
  const sources = new Map(all.map((source) => [`${source.kind}/${source.name}`, source]));
  const marks = [...sources.values()].flatMap(({ kind, name }): Mark[] => {
    const digest = env.find((each) => each.name === variableFor({ kind, name }))?.value;
    return digest === undefined ? [] : [{ kind, name, digest }];
  });
  const { data } = From.safeParse(jsonOf(annotations[lastReloaded] ?? ""));
  if (data === undefined) return marks;
  return [...marks, { kind: data.type === "CONFIGMAP" ? "configmap" : "secret", name: data.name, digest: data.hash }];
}

/** "STAKATER_DB_LOGIN_SECRET" for the Secret "db-login". */
function variableFor({ kind, name }: Source): string {
  return `STAKATER_${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}_${kind.toUpperCase()}`;
}

/** Each key's bytes; of a ConfigMap's binary ones the base64 text, as Reloader takes them. */
function contentOf(kind: Source["kind"], { data, binaryData }: z.infer<typeof Data>): ReadonlyMap<string, Buffer> {
  const encoding = kind === "secret" ? "base64" : "utf8";
  const texts = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, encoding)] as const);
  return new Map([...texts, ...Object.entries(binaryData).map(([key, value]) => [key, Buffer.from(value)] as const)]);
}

/** Reloader's digest of `key=value` lines, sorted, joined by semicolons; which hash it takes has changed with its versions. */
function digestsOf(content: ReadonlyMap<string, Buffer>): readonly string[] {
  const pairs = [...content].map(([key, value]) => Buffer.concat([Buffer.from(`${key}=`), value]));
  const sorted = pairs.toSorted((a, b) => Buffer.compare(a, b));
  const text = Buffer.concat(sorted.flatMap((pair, index) => (index === 0 ? [pair] : [Buffer.from(";"), pair])));
  return ["sha1", "sha512-256", "sha256"].map((hash) => createHash(hash).update(text).digest("hex"));
}

function holds(content: ReadonlyMap<string, Buffer>, { values }: Pick<Expected, "values">): boolean {
  const ours = Object.entries(values).filter(([key]) => content.has(key));
  return (
    ours.length > 0 && ours.every(([key, value]) => new Secret(content.get(key)?.toString("utf8") ?? "").equals(value))
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
