import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { newFolder } from "../run-folder.ts";
import { applier } from "./apply.ts";
import { type Audited, auditLog } from "./audit.ts";
import { adminOf, planControlPlane, startApiServer, startControllerManager, startEtcd } from "./control-plane.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { startKubelet } from "./kubelet.ts";
import { podNetwork } from "./pod-network.ts";

/** A real Kubernetes API server with its controllers, RBAC on, on loopback, with one node unless it was left out. */
export type Cluster = AsyncDisposable & {
  readonly url: string;
  readonly caFile: string;
  /** Path, mode 0600; context `admin`, in the group system:masters. */
  readonly kubeconfig: string;
  /** Where pods get their addresses; `proxyable`: whether the API server's pod proxy reaches them. Undefined without kubelet. */
  readonly podNetwork: { readonly cidr: string; readonly proxyable: boolean } | undefined;
  /** JSON request as administrator; throws with status and message when the answer is not 2xx. Text is answered as text. */
  api(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown>;
  /** Applies each object in order, see `applier`. */
  apply(...objects: readonly object[]): Promise<void>;
  /** Path of a kubeconfig (context `test`, its namespace) with a token for an existing service account, valid for 10 hours. */
  kubeconfigFor(namespace: string, serviceAccount: string): Promise<string>;
  /** What a service account has asked so far, in order; only with `audit`. */
  audited(namespace: string, serviceAccount: string): Promise<readonly Audited[]>;
  /** Stops the pods, then the node and the control plane, and removes all data. */
  stop(): Promise<void>;
};

const tokenAnswer = z.object({ status: z.object({ token: z.string() }) });
const tokenSeconds = 36_000;

/**
 * Resolves when the server is ready and pods can be made; with the kubelet, when its node is Ready. `audit`: the API server
 * keeps a log of what service accounts ask.
 */
export async function startCluster(
  options: { readonly kubelet?: boolean; readonly audit?: boolean } = {},
): Promise<Cluster> {
  await using starting = new AsyncDisposableStack();
  const folder = newFolder("kubernetes");
  starting.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const plan = await planControlPlane(folder);
  const admin = starting.use(adminOf(plan));
  const etcd = await startEtcd(plan);
  starting.defer(() => etcd.kill());
  const audit = options.audit === true ? auditLog(plan, admin) : undefined;
  const apiServer = await startApiServer(plan, etcd, audit?.args);
  starting.defer(() => apiServer.kill());
  const network = options.kubelet === false ? undefined : starting.use(await podNetwork());
  const controllers = startControllerManager(plan, admin);
  const controllersOrNot = controllers.catch(() => undefined);
  starting.defer(async () => (await controllersOrNot)?.kill());
  if (network !== undefined) {
    const kubelet = await startKubelet(plan, network.cidr);
    starting.defer(() => kubelet.stop());
  }
  await controllers;

  const running = starting.move();
  const stop = (): Promise<void> => running.disposeAsync();
  return {
    url: plan.url,
    caFile: join(folder, "ca.crt"),
    kubeconfig: plan.kubeconfig,
    podNetwork: network === undefined ? undefined : { cidr: network.cidr, proxyable: network.proxyable },
    api: (...request) => admin.call(...request),
    apply: applier(admin),
    kubeconfigFor: async (namespace, serviceAccount) => {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
      const answer = tokenAnswer.parse(await admin.call("POST", path, { spec: { expirationSeconds: tokenSeconds } }));
      const login = { url: plan.url, ca: plan.ca, token: answer.status.token, namespace };
      return writeKubeconfig(mkdtempSync(join(folder, `${namespace}-${serviceAccount}-`)), "test", login);
    },
    audited: async (namespace, serviceAccount) => {
      if (audit === undefined) throw new Error("this cluster was started without an audit log");
      return await audit.read(namespace, serviceAccount);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
