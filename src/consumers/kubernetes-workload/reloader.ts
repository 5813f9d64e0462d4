import { createHash } from "node:crypto";
import { z } from "zod";
import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Expected } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { type Config, usedOf } from "./config.ts";
import type { PodSpec, Workload } from "./objects.ts";

/** Part of a pod or of a template that Reloader writes to. */
type Marked = { readonly annotations: Readonly<Record<string, string>>; readonly spec: PodSpec };

const domain = "reloader.stakater.com";
const lastReloaded = `${domain}/last-reloaded-from`;
const Source = z.object({ name: z.string(), hash: z.string() });
const Data = z.object({ data: z.record(z.string(), z.string()).default({}) });

/**
 * Whether Stakater Reloader restarts this workload by itself when what it reads changes, as its annotations say. Where
 * Reloader runs with `--auto-reload-all` no annotation tells. `pausePeriod`: it pauses the Deployment that long after it. Pure.
 */
export function reloaderOf(
  { metadata, spec }: Workload,
  { uses }: Config,
): { readonly pausePeriod?: string } | undefined {
  const said = { ...spec.template.metadata.annotations, ...metadata.annotations };
  const names = (said[`secret.${domain}/reload`] ?? "").split(",").map((name) => name.trim());
  const used = uses.map(usedOf).filter(({ kind }) => kind !== "configmap");
  const named = names.some((name) => name !== "" && (used.length === 0 || used.some((each) => each.name === name)));
  const auto = [`${domain}/auto`, `secret.${domain}/auto`, `${domain}/search`].some((name) => said[name] === "true");
  if (said[`${domain}/auto`] === "false" || said[`${domain}/ignore`] === "true" || !(auto || named)) return undefined;
  const pausePeriod = said[`deployment.${domain}/pause-period`];
  return pausePeriod === undefined ? {} : { pausePeriod };
}

/**
 * Tells a pod (or template) that Reloader made for what was published: it bears the digest of a Secret's content, the Secret
 * has that content now, and its keys hold what was published. No clock is asked. A Secret that Keyturn may not read tells nothing.
 */
export async function reloadedFor(
  cluster: Cluster,
  namespace: string,
  template: Marked,
  expected: Pick<Expected, "values">,
): Promise<(marked: Marked) => boolean> {
  const digests = new Map<string, readonly string[]>();
  const names = new Set([...marksOf(template).keys()]);
  for (const name of names) {
    const secret = await cluster
      .find({ api: "v1", resource: "secrets", namespace, name }, Data)
      .catch((error: unknown) => {
        if (error instanceof GiveUp && error.code === "kubernetes_forbidden") return undefined;
        throw error;
      });
    if (secret !== undefined && holds(secret.data, expected)) digests.set(name, digestsOf(secret.data));
  }
  return (marked) => [...marksOf(marked)].some(([name, digest]) => digests.get(name)?.includes(digest) === true);
}

/** The digests that Reloader left, by the Secret's name: an environment variable, or an annotation. */
function marksOf({ annotations, spec }: Marked): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { env, envFrom } of spec.containers) {
    const names = [
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      ...envFrom.map(({ secretRef }) => secretRef?.name),
      ...spec.volumes.map(({ secret }) => secret?.secretName),
    ].filter((name) => name !== undefined);
    for (const name of names) {
      const value = env.find((each) => each.name === variableFor(name))?.value;
      if (value !== undefined) found.set(name, value);
    }
  }
  const { data } = Source.safeParse(jsonOf(annotations[lastReloaded] ?? ""));
  if (data !== undefined) found.set(data.name, data.hash);
  return found;
}

/** "STAKATER_DB_LOGIN_SECRET" for "db-login". */
function variableFor(name: string): string {
  return `STAKATER_${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}_SECRET`;
}

/** Reloader's digest of `key=value` lines, sorted, joined by semicolons; which hash it takes has changed with its versions. */
function digestsOf(data: Readonly<Record<string, string>>): readonly string[] {
  const pairs = Object.entries(data).map(([key, value]) =>
    Buffer.concat([Buffer.from(`${key}=`), Buffer.from(value, "base64")]),
  );
  const sorted = pairs.toSorted((a, b) => Buffer.compare(a, b));
  const text = Buffer.concat(sorted.flatMap((pair, index) => (index === 0 ? [pair] : [Buffer.from(";"), pair])));
  return ["sha1", "sha512-256", "sha256"].map((hash) => createHash(hash).update(text).digest("hex"));
}

function holds(data: Readonly<Record<string, string>>, { values }: Pick<Expected, "values">): boolean {
  const ours = Object.entries(values).filter(([key]) => Object.hasOwn(data, key));
  const same = ([key, value]: readonly [string, Secret]): boolean =>
    new Secret(Buffer.from(data[key] ?? "", "base64").toString("utf8")).equals(value);
  return ours.length > 0 && ours.every(same);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
