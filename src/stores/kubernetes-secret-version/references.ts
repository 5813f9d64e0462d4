/**
 * Names of all Secrets that a pod specification, or anything that holds one, reads: env, envFrom, volumes of every kind,
 * imagePullSecrets, and the TLS of an Ingress. It looks at names of fields alone, so that it also reads what only holds a
 * part of a specification (a ControllerRevision). Pure.
 */
export function secretNamesIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(secretNamesIn);
  return Object.entries(value).flatMap(([field, child]) => {
    if (field === "secretName" && typeof child === "string") return [child];
    if (field === "imagePullSecrets" && Array.isArray(child)) return child.flatMap(nameOf);
    const names = refers.has(field) ? nameOf(child) : [];
    return [...names, ...secretNamesIn(child)];
  });
}

/** Fields whose `name` is that of a Secret. */
const refers = new Set(["secretKeyRef", "secretRef", "secret", "nodePublishSecretRef"]);

function nameOf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null || !("name" in value)) return [];
  return typeof value.name === "string" && value.name !== "" ? [value.name] : [];
}
