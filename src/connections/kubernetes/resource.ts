/** An object, a collection (no `name`) or a part of an object (`subresource`) of the Kubernetes API. */
export type Resource = {
  /** "v1", or group and version: "apps/v1". */
  readonly api: string;
  /** Plural, as in RBAC rules: "secrets". */
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
};

/** Its path at the API server. Every part is encoded, so none can name another object. */
export function pathOf({ api, resource, namespace, name, subresource }: Resource): string {
  const root = api.includes("/") ? ["apis", ...api.split("/")] : ["api", api];
  const parts = [
    ...root,
    ...(namespace === undefined ? [] : ["namespaces", namespace]),
    resource,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
}

/** As people write it: "secrets/db in shop". */
export function wordsOf(of: Resource): string {
  return `${targetOf(of)}${of.namespace === undefined ? "" : ` in ${of.namespace}`}`;
}

/**
 * The rule, in one line of YAML, that a Role (without namespace: a ClusterRole) must have for these verbs. A list and a create
 * cannot be limited to a name.
 */
export function ruleFor(verbs: readonly string[], of: Resource): string {
  const { api, resource, name, subresource } = of;
  const group = api.includes("/") ? (api.split("/")[0] ?? "") : "";
  const named = name !== undefined && !verbs.some((verb) => verb === "list" || verb === "watch") && !creates(verbs, of);
  const parts = [
    `apiGroups: ["${group}"]`,
    `resources: ["${resource}${subresource === undefined ? "" : `/${subresource}`}"]`,
    ...(named ? [`resourceNames: ["${name}"]`] : []),
    `verbs: [${verbs.map((verb) => `"${verb}"`).join(", ")}]`,
  ];
  return `- { ${parts.join(", ")} }`;
}

/** What a person does about a missing right: how to see it, and the rule to add. */
export function rightsHint(verbs: readonly string[], of: Resource): string {
  const scope = of.namespace === undefined ? "--all-namespaces" : `-n ${of.namespace}`;
  const questions = verbs.map((verb) => `kubectl auth can-i ${verb} ${questionOf(of)} ${scope}`);
  const role = of.namespace === undefined ? "ClusterRole" : `Role in namespace ${of.namespace}`;
  return `see \`${questions.join("; ")}\`; add to Keyturn's ${role}: ${ruleFor(verbs, of)}`;
}

/** Creating a whole object has no name yet; creating in a subresource (exec) has. */
function creates(verbs: readonly string[], { subresource }: Resource): boolean {
  return verbs.includes("create") && subresource === undefined;
}

function targetOf({ resource, name, subresource }: Resource): string {
  return [resource, ...(name === undefined ? [] : [name]), ...(subresource === undefined ? [] : [subresource])].join(
    "/",
  );
}

function questionOf({ api, resource, name, subresource }: Resource): string {
  const group = api.includes("/") ? `.${api.split("/")[0] ?? ""}` : "";
  const part = subresource === undefined ? "" : ` --subresource=${subresource}`;
  return `${resource}${group}${name === undefined ? "" : `/${name}`}${part}`;
}
