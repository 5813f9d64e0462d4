/**
 * Whether an object is a version of a Secret that is published by making a new one each time: the Secret itself as it was
 * before the first such publish, `<name>-<rotationId>-<n>`, or one of two fixed names, `<name>-a` and `<name>-b`.
 */
export function isVersionOf(name: string, object: string): boolean {
  if (object === name) return true;
  return object.startsWith(`${name}-`) && /^(?:r-?[0-9a-z]+-\d+|a|b)$/.test(object.slice(name.length + 1));
}

/** The label of a store whose publishes make a new Secret each, and the place in it. */
export function versionStoreLabel(connection: string, namespace: string, name: string): string {
  return `kubernetes-secret-version ${connection}/${namespace}/${name}`;
}
