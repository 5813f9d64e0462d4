import type { z } from "zod";
import { GiveUp } from "../../core/errors.ts";
import type { Context } from "../../core/ports.ts";
import { answers } from "./answers.ts";
import type { KubernetesConnection } from "./config.ts";
import { type ExecOptions, type ExecResult, execIn } from "./exec.ts";
import { forwardTo } from "./forward.ts";
import type { Login } from "./login.ts";
import { type LogOptions, logsOf, type PodPort, type ProxyAnswer, type ProxyOptions, proxyTo } from "./pods.ts";
import type { Resource } from "./resource.ts";

/** Merge patch (RFC 7396), strategic merge patch, JSON patch (RFC 6902), server-side apply. */
export type Patch =
  | { readonly kind: "merge" | "strategic" | "apply"; readonly body: object }
  | { readonly kind: "json"; readonly body: readonly object[] };

export type Change = {
  /** The server checks everything and keeps nothing. */
  readonly dryRun?: boolean;
};

/**
 * One Kubernetes API server, as one user. All methods honour the context's signal, send one request (a list: one per page)
 * with a time-out of 10 s, and never repeat it. Changing ones call `session.guard()` last before they send, unless `dryRun`.
 *
 * Errors of all: LostRace (409: another version, or it exists already), GiveUp kubernetes_forbidden with the exact rule that
 * is missing, kubernetes_unauthorized, kubernetes_not_found, kubernetes_invalid (422), kubernetes_refused,
 * kubernetes_unexpected (not of the schema); TryLater kubernetes_busy (429, 5xx, an expired list), kubernetes_timed_out,
 * kubernetes_unreachable. None holds anything of an object but names, and paths of fields.
 */
export type Cluster = {
  /** Host and port of the API server, for people. */
  readonly host: string;
  readonly get: <T>(of: Resource, schema: z.ZodType<T>) => Promise<T>;
  /** As get; undefined where there is no such object (or no such kind of object). */
  readonly find: <T>(of: Resource, schema: z.ZodType<T>) => Promise<T | undefined>;
  /** All items, in pages of 500. `query`: labelSelector, fieldSelector. `schema` is of one item. */
  readonly list: <T>(
    of: Resource,
    schema: z.ZodType<T>,
    query?: Readonly<Record<string, string>>,
  ) => Promise<readonly T[]>;
  /** Answers the object as it is after it. Put `metadata.resourceVersion` into the body for a compare-and-set. */
  readonly patch: <T>(of: Resource, patch: Patch, schema: z.ZodType<T>, change?: Change) => Promise<T>;
  /** `of` is the collection. */
  readonly create: <T>(of: Resource, body: object, schema: z.ZodType<T>, change?: Change) => Promise<T>;
  /** "absent": there was nothing to delete. With preconditions (uid, resourceVersion) another object is a LostRace. */
  readonly delete: (
    of: Resource,
    preconditions?: { readonly uid?: string; readonly resourceVersion?: string },
    change?: Change,
  ) => Promise<"deleted" | "absent">;
  /** Raw log lines of one container; undefined where it has none (not started, no previous one, pod gone). */
  readonly logs: (namespace: string, pod: string, options: LogOptions) => Promise<string | undefined>;
  /**
   * Runs an argv in a container, no shell. Calls no guard: whoever runs something that changes anything does.
   *
   * @throws TryLater kubernetes_exec_timed_out: the program may go on
   */
  readonly exec: (
    namespace: string,
    pod: string,
    container: string,
    argv: readonly string[],
    options?: ExecOptions,
  ) => Promise<ExecResult>;
  /**
   * Asks a port of one pod through the API server. Answers of the application are values, whatever their status.
   *
   * @throws GiveUp kubernetes_proxy_path, kubernetes_proxy_header: what could not be asked that way
   */
  readonly proxyGet: (
    namespace: string,
    pod: string,
    port: PodPort,
    path: string,
    options?: ProxyOptions,
  ) => Promise<ProxyAnswer>;
  /**
   * Asks a port of one pod over a forwarded connection: the pod sees the request as it is written here, `authorization` and `host`
   * too, which do not pass the proxy. Answers of the application are values, whatever their status. With https nobody looks at
   * the pod's certificate, as behind the proxy.
   *
   * @throws TryLater kubernetes_forward_broken: nothing listens there, or it hung up
   */
  readonly forward: (
    namespace: string,
    pod: string,
    port: PodPort,
    path: string,
    options?: ProxyOptions,
  ) => Promise<ProxyAnswer>;
  /**
   * How far the API server's clock is ahead of the caller's, in ms; 0 where the difference is within what the answer can tell
   * (whole seconds, and the time that it took). Add it to a time of the caller's clock before it is compared with a timestamp
   * of an object. `now`: the caller's clock, in ms since 1970.
   */
  readonly clockSkewMs: (now: () => number) => Promise<number>;
  /** Never throws. */
  readonly close: () => Promise<void>;
};

const contentTypes = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

/**
 * Reads the connection's kubeconfig or the pod's service account. Sends nothing yet; the login is had with the
 * first request (GiveUp kubernetes_login).
 *
 * @throws GiveUp kubernetes_config
 */
export async function openCluster(connection: KubernetesConnection, context: Context): Promise<Cluster> {
  // Loaded with the first connection: the vendor's client is 800 modules, most of the time that a start would take.
  const [{ kubeconfigOf }, { loginOf }] = await Promise.all([import("./kubeconfig.ts"), import("./login.ts")]);
  return clusterFor(loginOf(kubeconfigOf(connection)), context);
}

function clusterFor(login: Login, { signal, session }: Context): Cluster {
  const { ask, find, list, parse } = answers(login, signal);
  const written = ({ dryRun = false }: Change): string => `?fieldManager=keyturn${dryRun ? "&dryRun=All" : ""}`;
  const before = ({ dryRun = false }: Change): { before?: () => void } =>
    dryRun ? {} : { before: () => session.guard() };
  return {
    host: new URL(login.server).host,
    get: async (of, schema) => parse(await ask("get", of), of, schema),
    find: async (of, schema) => {
      const answer = await find("get", of);
      return answer === undefined ? undefined : parse(answer, of, schema);
    },
    list: (of, schema, query = {}) => list(of, schema, query),
    patch: async (of, { kind, body }, schema, change = {}) => {
      const options = { body, contentType: contentTypes[kind], query: written(change), ...before(change) };
      return parse(await ask("patch", of, options), of, schema);
    },
    create: async (of, body, schema, change = {}) =>
      parse(await ask("create", of, { body, query: written(change), ...before(change) }), of, schema),
    delete: async (of, preconditions, change = {}) => {
      const body = preconditions === undefined ? {} : { preconditions };
      const query = change.dryRun === true ? "?dryRun=All" : "";
      return (await find("delete", of, { body, query, ...before(change) })) === undefined ? "absent" : "deleted";
    },
    logs: (namespace, pod, options) => logsOf(login, signal, { namespace, pod }, options),
    exec: (namespace, pod, container, argv, options = {}) =>
      execIn(login, signal, { namespace, pod, container }, argv, options),
    proxyGet: (namespace, pod, port, path, options = {}) =>
      proxyTo(login, signal, { namespace, pod }, port, path, options),
    forward: (namespace, pod, port, path, options = {}) =>
      forwardTo(login, signal, { namespace, pod }, port, path, options),
    clockSkewMs: async (now) => {
      const asked = now();
      const { headers } = await ask("get", { api: "v1", resource: "" }, { path: "/version" });
      const answered = now();
      const theirs = Date.parse(headers.get("date") ?? "");
      if (Number.isNaN(theirs))
        throw new GiveUp("kubernetes_unexpected", "the Kubernetes API does not say what time it has");
      // Its time is cut to the second: then it was between `theirs` and a second later, at some moment of the call.
      if (theirs > answered) return theirs - answered;
      return theirs + 1_000 < asked ? theirs + 1_000 - asked : 0;
    },
    close: login.close,
  };
}
