import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import type { Ask } from "./fetch.ts";

/** One port of one pod. */
export type Pod = {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  readonly scheme: "http" | "https";
};

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/** What a pod's own URL begins with, as far as the check is concerned: no name server knows it. */
export function originOf({ pod, port, scheme }: Pod): string {
  return `${scheme}://${pod}:${port}`;
}

/**
 * Asks a pod through the API server, with URLs that begin with its origin. The API server writes its own path into redirects of
 * the pod (k8s.io/apimachinery, util/proxy); here they are the pod's again.
 */
export function askPod(cluster: Cluster, pod: Pod): Ask {
  return async ({ url, method = "GET", headers = {}, body, timeoutMs }) => {
    const { pathname, search } = new URL(url);
    const answer = await cluster.proxyGet(pod.namespace, pod.pod, pod, `${pathname}${search}`, {
      method: methods.find((each) => each === method) ?? "GET",
      headers,
      timeoutMs,
      ...(body === undefined ? {} : { body }),
    });
    const listed = [...answer.headers].map(([name, value]) => [name, valuesOf(name, value, pod, url)] as const);
    return { ...answer, headers: new Map(listed) };
  };
}

function valuesOf(name: string, value: string, pod: Pod, url: string): readonly string[] {
  // Joined on the way here; a comma in a date is not followed by a name and an equals sign.
  if (name === "set-cookie") return value.split(/,(?=\s*[^\s,;=]+=)/).map((cookie) => cookie.trim());
  return name === "location" ? [withoutProxy(value, pod, url)] : [value];
}

function withoutProxy(location: string, pod: Pod, url: string): string {
  if (!URL.canParse(location, url)) return location;
  const { pathname, search } = new URL(location, url);
  const root = `/api/v1/namespaces/${pod.namespace}/pods/${pod.scheme}:${pod.pod}:${pod.port}/proxy`;
  const path = pathname.replaceAll(/%3a/gi, ":");
  const at = path.indexOf(`${root}/`);
  return at === -1 ? location : `${originOf(pod)}${path.slice(at + root.length)}${search}`;
}
