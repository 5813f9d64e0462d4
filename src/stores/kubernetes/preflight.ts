import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { Named } from "../../connections/kubernetes/objects.ts";
import { rightsHint, ruleFor } from "../../connections/kubernetes/resource.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import { appliedKeys, changesFor, textOf } from "./content.ts";
import { type At, type Form, type Kept, Stored } from "./form.ts";
import { keyOf, unfitKeys } from "./keys.ts";
import { ownership } from "./ownership.ts";

/** Everything that stands in the way of writing these keys, and what people should know before. Reads, and one dry run of the patch. */
export async function preflight(
  { form, helmKeeps = false }: Kept,
  cluster: Cluster,
  of: At,
  keys: readonly string[],
): Promise<readonly Finding[]> {
  const unfit = unfitKeys(keys);
  if (unfit.length > 0) return unfit;
  try {
    const object = await cluster.find(of, Stored);
    if (object === undefined) return [missing(form, of)];
    const findings = [
      ...immutable(form, of, object),
      ...keys.flatMap((name) => caught(() => textOf(form, object, keyOf(name)), of)),
      ...(await ownership({ form, cluster, of, helmKeeps }, object, keys)),
      ...form.notes(object, keys),
      ...applied(form, of, object, keys),
    ];
    return findings.some(({ severity }) => severity === "error")
      ? findings
      : [...findings, ...(await dryRun(form, cluster, of, object, keys))];
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error;
    return [toFinding(error, of)];
  }
}

/** Rights, admission and validity of the very patch that will be sent, with another value in it. */
async function dryRun(
  form: Form,
  cluster: Cluster,
  of: At,
  object: Stored,
  keys: readonly string[],
): Promise<readonly Finding[]> {
  const tried = Object.fromEntries(keys.map((name) => [name, form.standIn(object, keyOf(name))]));
  const changes = caught(() => changesFor(form, object, tried), of);
  if (changes.length > 0) return changes;
  try {
    await cluster.patch(of, { kind: "merge", body: { data: changesFor(form, object, tried) } }, Named, {
      dryRun: true,
    });
    return [];
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error;
    if (error.code !== "kubernetes_refused") return [toFinding(error, of)];
    return [
      {
        severity: "warning",
        code: "dry_run_refused",
        sentence: `the patch of ${of.namespace}/${of.name} could not be tried beforehand: ${error.message}`,
        hint: "an admission webhook may not support dry runs; it decides only when the secret is published",
      },
    ];
  }
}

function missing(form: Form, { namespace, name }: At): Finding {
  return {
    severity: "error",
    code: "store_missing",
    sentence: `there is no ${form.kind} ${namespace}/${name}`,
    hint: "create it with the keys that applications read; Keyturn changes objects and makes none here",
  };
}

function immutable(form: Form, { namespace, name }: At, object: Stored): readonly Finding[] {
  if (!object.immutable) return [];
  const hint =
    form.kind === "Secret"
      ? "use the store kubernetes-secret-version: it makes a new Secret for each publish and points the workloads at it"
      : "an immutable ConfigMap is replaced, never changed: move the secret into a Secret";
  const sentence = `${form.kind} ${namespace}/${name} is immutable: its data can never be changed`;
  return [{ severity: "error", code: "store_immutable", sentence, hint }];
}

/** The manifest that `kubectl apply` left on the object. */
function applied(form: Form, { namespace, name }: At, object: Stored, keys: readonly string[]): readonly Finding[] {
  const names = appliedKeys(object, keys);
  if (names.length === 0) return [];
  const annotation = "kubectl.kubernetes.io/last-applied-configuration";
  return [
    {
      severity: "warning",
      code: "last_applied",
      sentence: `${form.kind} ${namespace}/${name} was made by kubectl apply with ${names.join(", ")} in its manifest: the next apply of that file brings the old value back, and the annotation ${annotation} goes on showing it`,
      hint: "take the keys out of the manifest, then remove the annotation",
      command: `kubectl annotate ${form.kind.toLowerCase()} ${name} -n ${namespace} ${annotation}-`,
    },
  ];
}

function caught(work: () => unknown, of: At): readonly Finding[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error;
    return [toFinding(error, of)];
  }
}

/** Where a right is missing both are named at once, so that nobody comes back for the second one. */
function toFinding({ code, message: sentence, hint }: GiveUp, of: At): Finding {
  const verbs = ["get", "patch"];
  if (code === "kubernetes_forbidden") {
    return { severity: "error", code, sentence, hint: rightsHint(verbs, of), command: ruleFor(verbs, of) };
  }
  return { severity: "error", code, sentence, ...(hint === undefined ? {} : { hint }) };
}
