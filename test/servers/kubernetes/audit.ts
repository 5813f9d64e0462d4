import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Api } from "./api.ts";
import type { Plan } from "./control-plane.ts";

/** A request as the API server saw it, answered or refused. */
export type Audited = {
  readonly verb: string;
  /** Empty for the core group, and for paths that are no resources. */
  readonly apiGroup: string;
  /** As RBAC rules name it: "pods/log". Empty for paths that are no resources. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly uri: string;
  readonly status: number;
  readonly allowed: boolean;
  /** Why it was allowed, in the authoriser's words: which binding of which role. */
  readonly reason: string;
};

/** k8s.io/apiserver, `audit.k8s.io/v1` Event. */
const Event = z.object({
  verb: z.string(),
  requestURI: z.string(),
  user: z.object({ username: z.string() }),
  objectRef: z
    .object({
      resource: z.string().default(""),
      subresource: z.string().default(""),
      namespace: z.string().default(""),
      name: z.string().default(""),
      apiGroup: z.string().default(""),
    })
    .prefault({}),
  responseStatus: z.object({ code: z.int().default(0) }).prefault({}),
  annotations: z.record(z.string(), z.string()).default({}),
});

/** Bodies are kept of nothing. Requests to /livez are how a reader knows that the log is written so far. */
const policy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived", "ResponseStarted"],
  rules: [
    { level: "Metadata", userGroups: ["system:serviceaccounts"] },
    { level: "Metadata", nonResourceURLs: ["/livez*"] },
    { level: "None" },
  ],
};

const patienceMs = 20_000;

/** An API server's arguments for a log of what service accounts ask, and how to read it up to now. */
export function auditLog(plan: Plan, admin: Api) {
  const file = join(plan.folder, "audit.log");
  return {
    args: [`--audit-policy-file=${plan.file("audit.json", JSON.stringify(policy))}`, `--audit-log-path=${file}`],
    read: async (namespace: string, serviceAccount: string): Promise<readonly Audited[]> => {
      const mark = randomBytes(8).toString("hex");
      await admin.call("GET", `/livez/ping?mark=${mark}`);
      const lines = (await textWith(file, mark)).split("\n").slice(0, -1);
      return lines
        .map((line) => Event.parse(JSON.parse(line)))
        .filter(({ user }) => user.username === `system:serviceaccount:${namespace}:${serviceAccount}`)
        .map((event) => auditedOf(event));
    },
  };
}

async function textWith(file: string, mark: string): Promise<string> {
  for (const giveUpAt = Date.now() + patienceMs; ; await sleep(20)) {
    const text = await readFile(file, "utf8");
    if (text.includes(mark) && text.endsWith("\n")) return text;
    if (Date.now() > giveUpAt) throw new Error("the audit log is not written");
  }
}

function auditedOf({ verb, requestURI, objectRef, responseStatus, annotations }: z.infer<typeof Event>): Audited {
  const { resource, subresource, namespace, name, apiGroup } = objectRef;
  return {
    verb,
    apiGroup,
    resource: subresource === "" ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    uri: requestURI,
    status: responseStatus.code,
    allowed: annotations["authorization.k8s.io/decision"] === "allow",
    reason: annotations["authorization.k8s.io/reason"] ?? "",
  };
}
