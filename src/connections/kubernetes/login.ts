import { HttpMethod, type KubeConfig, RequestContext } from "@kubernetes/client-node";
import { Agent, type Dispatcher } from "undici";
import { GiveUp } from "../../core/errors.ts";

/** What one request needs. `headers` holds a token: never show it. */
export type Credentials = { readonly dispatcher: Dispatcher; readonly headers: Readonly<Record<string, string>> };

/** How to reach one API server as one user. */
export type Login = {
  /** Without a slash at the end; may have a path. */
  readonly server: string;
  /** Asked before each request, because tokens run out. May run a plug-in, which has no time-out of its own. */
  readonly credentials: () => Promise<Credentials>;
  /** Never throws. */
  readonly close: () => Promise<void>;
};

/**
 * Takes address, TLS and authentication (certificates, tokens, token files, exec plug-ins, OIDC, proxies) from a kubeconfig.
 * The first answer's client certificate and connections serve all requests.
 *
 * @throws GiveUp kubernetes_config; `credentials`: kubernetes_login (a file is missing, a plug-in failed), without the words
 *   of the plug-in: they may hold a token
 */
export function loginOf(config: KubeConfig): Login {
  const server = (config.getCurrentCluster()?.server ?? "").replace(/\/+$/, "");
  if (!URL.canParse(server)) throw new GiveUp("kubernetes_config", "the cluster's server is no URL");
  let dispatcher: Dispatcher | undefined;
  return {
    server,
    credentials: async () => {
      const context = new RequestContext(server, HttpMethod.GET);
      try {
        await config.applySecurityAuthentication(context);
      } catch {
        throw new GiveUp("kubernetes_login", `no login for ${server} could be had from the kubeconfig`, {
          hint: "run `kubectl get --raw /version` with the same file and context as the user that Keyturn runs as; only PATH, HOME, TZ and LANG are in its environment",
        });
      }
      dispatcher ??= context.getDispatcher() ?? new Agent();
      return { dispatcher, headers: context.getHeaders() };
    },
    close: async () => {
      await dispatcher?.destroy().catch(() => undefined);
    },
  };
}
