import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { GiveUp } from "../../core/errors.ts";
import type { KubernetesConnection } from "./config.ts";

const account = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The address, TLS and login of a connection: the named context of a kubeconfig (default: ~/.kube/config and its current
 * context), or the service account of the pod. Read afresh at each call, so a rotated token or certificate is seen.
 *
 * @throws GiveUp kubernetes_config: the file or the context is not there, or cannot be read as one
 */
export function kubeconfigOf({ inCluster, kubeconfig, context }: KubernetesConnection, folder = account): KubeConfig {
  const config = new KubeConfig();
  if (inCluster === true) return ofPod(config, folder);
  const file = kubeconfig ?? join(homedir(), ".kube", "config");
  try {
    config.loadFromFile(file);
  } catch {
    // The parser's own words quote the file, tokens and all.
    throw new GiveUp("kubernetes_config", `${file} cannot be read as a kubeconfig`, {
      hint: "name the file with `kubeconfig:`, or write `inCluster: true` where Keyturn runs in a pod",
    });
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster() !== null && config.getCurrentUser() !== null) return config;
  const names = config.getContexts().map(({ name }) => name);
  throw new GiveUp(
    "kubernetes_config",
    context === undefined
      ? `${file} has no current context with a cluster and a user`
      : `${file} has no context ${context} with a cluster and a user`,
    { hint: `its contexts: ${names.length === 0 ? "none" : names.join(", ")}` },
  );
}

/** The address is the name that every cluster gives its API: the environment of the process is gone by then. */
function ofPod(config: KubeConfig, folder: string): KubeConfig {
  const tokenFile = join(folder, "token");
  if (!existsSync(tokenFile)) {
    throw new GiveUp("kubernetes_config", `there is no service account in ${folder}`, {
      hint: "`inCluster: true` works in a pod only, with automountServiceAccountToken on; elsewhere name a context",
    });
  }
  config.loadFromClusterAndUser(
    {
      name: "pod",
      server: "https://kubernetes.default.svc",
      caFile: join(folder, "ca.crt"),
      skipTLSVerify: false,
    },
    { name: "pod", authProvider: { name: "tokenFile", config: { tokenFile } } },
  );
  return config;
}
