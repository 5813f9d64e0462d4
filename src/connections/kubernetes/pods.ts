import { GiveUp } from "../../core/errors.ts";
import { type Ask, send } from "./http.ts";
import type { Login } from "./login.ts";
import { refusalOf, statusIn } from "./refusal.ts";
import { pathOf, type Resource } from "./resource.ts";

type Pod = { readonly namespace: string; readonly pod: string };

export type LogOptions = {
  readonly container: string;
  /** ISO 8601 UTC; the server cuts it to the second. */
  readonly sinceTime?: string;
  /** Of the container's run before this one. */
  readonly previous?: boolean;
  /** Each line begins with its time (RFC 3339, nanoseconds) and a space. */
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  /** Default 1 MiB: the end of a longer log is cut off. */
  readonly limitBytes?: number;
};

/** `scheme` default http. */
export type PodPort = { readonly port: number | string; readonly scheme?: "http" | "https" };

export type ProxyOptions = {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default 10 s. */
  readonly timeoutMs?: number;
};

/** `headers` by lower-case name. `truncated`: the body went on after 1 MiB. */
export type ProxyAnswer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly truncated: boolean;
};

const timeoutMs = 10_000;
const oneMiB = 1024 * 1024;
const verbs = { GET: "get", HEAD: "get", POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;

/** See `Cluster.logs`. */
export async function logsOf(
  login: Login,
  signal: AbortSignal,
  { namespace, pod }: Pod,
  options: LogOptions,
): Promise<string | undefined> {
  const of: Resource = { api: "v1", resource: "pods", namespace, name: pod, subresource: "log" };
  const limitBytes = options.limitBytes ?? oneMiB;
  const query = new URLSearchParams({ container: options.container, limitBytes: String(limitBytes) });
  if (options.sinceTime !== undefined) query.set("sinceTime", options.sinceTime);
  if (options.previous === true) query.set("previous", "true");
  if (options.timestamps === true) query.set("timestamps", "true");
  if (options.tailLines !== undefined) query.set("tailLines", String(options.tailLines));
  const path = `${pathOf(of)}?${query.toString()}`;
  const answer = await send(login, { method: "GET", path, timeoutMs, capBytes: limitBytes }, signal);
  if (answer.status === 200) return answer.body;
  if (answer.status === 404 || (answer.status === 400 && hasNone(answer.body))) return undefined;
  throw refusalOf(answer, "get", of);
}

/** The API has no reason of its own for these; the texts are those of the API server and the kubelet. */
function hasNone(body: string): boolean {
  return /is waiting to start|previous terminated container .* not found|is not available|not yet assigned|does not have a host assigned/.test(
    statusIn(body)?.message ?? "",
  );
}

/** See `Cluster.proxyGet`. */
export async function proxyTo(
  login: Login,
  signal: AbortSignal,
  { namespace, pod }: Pod,
  { port, scheme = "http" }: PodPort,
  path: string,
  options: ProxyOptions,
): Promise<ProxyAnswer> {
  const method = options.method ?? "GET";
  const of: Resource = { api: "v1", resource: "pods", namespace, name: pod, subresource: "proxy" };
  const target = pathOf({ ...of, name: `${scheme}:${pod}:${port}` });
  const asked: Ask = {
    method,
    path: inside(login.server, target, path),
    headers: allowed(options.headers ?? {}),
    ...(options.body === undefined ? {} : { body: options.body }),
    timeoutMs: options.timeoutMs ?? timeoutMs,
    capBytes: oneMiB,
  };
  const answer = await send(login, asked, signal);
  if (answer.status >= 300 && statusIn(answer.body) !== undefined) throw refusalOf(answer, verbs[method], of);
  return answer;
}

/** A path with dots in it would leave the proxy and be a request to the API server itself, with Keyturn's rights. */
function inside(server: string, target: string, path: string): string {
  const { pathname, search } = new URL(`${server}${target}${path}`);
  const root = new URL(`${server}${target}`).pathname;
  if (path.startsWith("/") && pathname.startsWith(`${root}/`))
    return `${target}${pathname.slice(root.length)}${search}`;
  throw new GiveUp("kubernetes_proxy_path", "a path behind the pod proxy begins with a slash and does not climb out", {
    hint: "write it as the application has it, such as /health",
  });
}

/** The API server takes these for its own login and does not hand them on. */
function allowed(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = Object.keys(headers).find((name) => /^(authorization|impersonate-.*|host)$/i.test(name));
  if (own === undefined) return headers;
  throw new GiveUp(
    "kubernetes_proxy_header",
    `the header ${own} does not pass the pod proxy: the API server takes it for its own`,
    {
      hint: "ask the application without it, or by its own address",
    },
  );
}
