import { HttpMethod, type KubeConfig, RequestContext } from "@kubernetes/client-node";
import { Agent, type Dispatcher } from "undici";
import { GiveUp } from "../../core/errors.ts";

/** How to reach one API server as one user. `headers` holds a token: never show it. */
export type Login = {
  /** Without a slash at the end; may have a path. */
  readonly server: string;
  readonly dispatcher: Dispatcher;
  /** Asked before each request: tokens run out. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly close: () => Promise<void>;
};

/**
 * Takes address, TLS and authentication (certificates, tokens, token files, exec plug-ins, OIDC, proxies) from a kubeconfig.
 * Client certificates are read once.
 *
 * @throws GiveUp kubernetes_login: a file is missing, a plug-in failed; without its words, they may hold a token
 */
export async function openLogin(config: KubeConfig): Promise<Login> {
  const server = (config.getCurrentCluster()?.server ?? "").replace(/\/+$/, "");
  if (!URL.canParse(server)) throw new GiveUp("kubernetes_config", "the cluster's server is no URL");
  const ask = async (): Promise<RequestContext> => {
    const context = new RequestContext(server, HttpMethod.GET);
    try {
      await config.applySecurityAuthentication(context);
    } catch {
      throw new GiveUp("kubernetes_login", `no login for ${server} could be had from the kubeconfig`, {
        hint: "run `kubectl get --raw /version` with the same file and context as the user that Keyturn runs as; only PATH, HOME, TZ and LANG are in its environment",
      });
    }
    return context;
  };
  const dispatcher = (await ask()).getDispatcher() ?? new Agent();
  return {
    server,
    dispatcher,
    headers: async () => (await ask()).getHeaders(),
    close: () => dispatcher.destroy().catch(() => undefined),
  };
}
