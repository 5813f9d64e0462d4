import { z } from "zod";
import { KubernetesConnection } from "../../connections/kubernetes/config.ts";
import { Duration } from "../../core/duration.ts";

const segment = "[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?";
const used = "(?:secret|secret-version|configmap)";

/** An entry under `consumers:` of a target: a workload, or (`discover`) whichever workloads refer to an object. */
export const Config = z
  .strictObject({
    kind: z.literal("kubernetes-workload"),
    at: z
      .string()
      .regex(new RegExp(`^[^/\\s]+/${segment}/(?:deployment|statefulset|daemonset|${used})/${segment}$`), {
        error:
          "connection/namespace/deployment/name; also statefulset, daemonset, and with discover: secret, secret-version, configmap",
      })
      .describe("connection/namespace/kind/name"),
    discover: z.literal(true).exactOptional().describe("every workload that refers to the Secret or ConfigMap at `at`"),
    uses: z
      .array(
        z
          .string()
          .regex(new RegExp(`^${used}/${segment}$`), { error: "secret/name, secret-version/name or configmap/name" }),
      )
      .default([])
      .describe("what it reads: whoever else refers to these is named before anything is done"),
    settle: Duration.default(30_000).describe("how long all pods must stay settled: something may undo a restart"),
    within: Duration.default(600_000).describe("how long one workload may take to roll out"),
  })
  .refine(({ at, discover }) => (discover === true) === /\/(?:secret|secret-version|configmap)\//.test(at), {
    error: "a secret or configmap is looked for with `discover: true`, and a workload is named without it",
    path: ["discover"],
  });
export type Config = z.infer<typeof Config>;

/** An entry with the connection that its `at` names. */
export const Connected = Config.safeExtend({ connection: KubernetesConnection });
export type Connected = z.infer<typeof Connected>;

/**
 * What a workload reads: a Secret or ConfigMap of that name, or any version of a Secret that is made anew at each publish.
 * `strangers`: Secrets that are called as its versions are, and are none.
 */
export type Used = {
  readonly kind: "secret" | "secret-version" | "configmap";
  readonly name: string;
  readonly strangers?: ReadonlySet<string>;
};

const Kind = z.enum(["deployment", "statefulset", "daemonset", "secret", "secret-version", "configmap"]);
const UsedKind = z.enum(["secret", "secret-version", "configmap"]);

/** Takes `at` apart. */
export function placeIn({ at }: Config): {
  connection: string;
  namespace: string;
  kind: z.infer<typeof Kind>;
  name: string;
} {
  const [connection = "", namespace = "", kind, name = ""] = at.split("/");
  return { connection, namespace, kind: Kind.parse(kind), name };
}

/** As people and manifests name it: "secret backend". */
export function usedWords({ kind, name }: Used): string {
  return `${kind === "configmap" ? "configmap" : "secret"} ${name}`;
}

/** Takes an item of `uses` apart. */
export function usedOf(text: string): Used {
  const [kind, name = ""] = text.split("/");
  return { kind: UsedKind.parse(kind), name };
}
