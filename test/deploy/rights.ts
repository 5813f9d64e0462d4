import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isMap, isSeq, parseAllDocuments } from "yaml";
import { z } from "zod";
import type { Audited } from "../servers/kubernetes/audit.ts";

const Rule = z.strictObject({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  resourceNames: z.array(z.string()).exactOptional(),
  verbs: z.array(z.string()),
});
export type Rule = z.infer<typeof Rule>;

/** A rule of the manifest, which option of a catalog needs it, and whether it stands there without a `#` before it. */
export type Marked = { readonly option: string; readonly active: boolean; readonly rule: Rule };

/** One thing that a rule allows: a verb on a resource, or on one object. */
type Right = { readonly verb: string; readonly apiGroup: string; readonly resource: string; readonly name?: string };

/** The rules of deploy/kubernetes/application.yaml with the names of an application, those behind a `#` included. */
export function markedRules(name: string): readonly Marked[] {
  const file = fileURLToPath(new URL("../../deploy/kubernetes/application.yaml", import.meta.url));
  const text = readFileSync(file, "utf8")
    .replaceAll("truload-backend-secrets", name)
    .replaceAll("truload-backend", name);
  const active = rulesIn(text).length;
  let option = "";
  return rulesIn(text.replaceAll(/^ {2}#(?=- | {2})/gm, "  ")).map(({ comment, rule }, index) => {
    option = /^ *\[(\w+)\]/.exec(comment)?.[1] ?? option;
    return { option, active: index < active, rule };
  });
}

/** Every single thing that these rules allow. */
export function rightsOf(rules: readonly Rule[]): readonly Right[] {
  return rules.flatMap(({ apiGroups, resources, resourceNames, verbs }) =>
    apiGroups.flatMap((apiGroup) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb): Right[] =>
          resourceNames === undefined
            ? [{ verb, apiGroup, resource }]
            : resourceNames.map((name) => ({ verb, apiGroup, resource, name })),
        ),
      ),
    ),
  );
}

/** `unused`: what these rules allow and nobody asked for. `beyond`: what was asked and they do not allow. */
export function compared(
  rules: readonly Rule[],
  asked: readonly Audited[],
): { readonly unused: readonly string[]; readonly beyond: readonly string[] } {
  const rights = rightsOf(rules);
  return {
    unused: rights.filter((right) => !asked.some((each) => allows(right, each))).map((right) => words(right)),
    beyond: [
      ...new Set(asked.filter((each) => !rights.some((right) => allows(right, each))).map((each) => words(each))),
    ],
  };
}

function rulesIn(text: string): readonly { readonly comment: string; readonly rule: Rule }[] {
  const [role] = parseAllDocuments(text);
  const rules = role?.get("rules");
  if (!isSeq(rules)) throw new Error("the manifest does not begin with a Role");
  return rules.items.map((item, index) => {
    if (!isMap(item)) throw new Error("a rule is no mapping");
    const comment = (index === 0 ? rules.commentBefore : item.commentBefore) ?? "";
    return { comment, rule: Rule.parse(item.toJSON()) };
  });
}

function allows(right: Right, { verb, apiGroup, resource, name }: Audited): boolean {
  return (
    right.verb === verb &&
    right.apiGroup === apiGroup &&
    right.resource === resource &&
    (right.name === undefined || right.name === name)
  );
}

/** "patch apps/deployments web". Which pod it was is no part of it. */
function words({ verb, apiGroup, resource, name = "" }: Right): string {
  const what = apiGroup === "" ? resource : `${apiGroup}/${resource}`;
  return `${verb} ${what}${name === "" || resource.startsWith("pods") ? "" : ` ${name}`}`;
}
