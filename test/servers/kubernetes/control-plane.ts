import { createPublicKey, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyPair, makeAuthority } from "../certificates.ts";
import { freePort } from "../port.ts";
import { program } from "../program.ts";
import { type Server, startServer } from "../server.ts";
import { type Api, apiClient } from "./api.ts";
import { writeKubeconfig } from "./kubeconfig.ts";

/** What a control plane is made of before any process runs: addresses, certificates, the administrator's login. */
export type Plan = {
  readonly folder: string;
  readonly url: string;
  readonly port: number;
  readonly ca: string;
  readonly token: string;
  readonly kubeconfig: string;
  /** Path of a file with this content in the plan's folder, mode 0600. */
  file(name: string, content: string): string;
  readonly authority: ReturnType<typeof makeAuthority>;
};

export async function planControlPlane(folder: string): Promise<Plan> {
  const authority = makeAuthority("keyturn test cluster");
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const token = randomBytes(24).toString("base64url");
  const kubeconfig = writeKubeconfig(folder, "admin", { url, ca: authority.cert, token });
  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  file("ca.crt", authority.cert);
  return { folder, url, port, ca: authority.cert, token, kubeconfig, file, authority };
}

export function adminOf(plan: Plan): Api {
  return apiClient(plan);
}

/** One member that keeps its data on disk without a cluster to elect in; answers its health page when it can write. */
export async function startEtcd(plan: Plan): Promise<Server> {
  const port = await freePort();
  const peer = `http://127.0.0.1:${await freePort()}`;
  const url = `http://127.0.0.1:${port}`;
  return await startServer({
    name: "etcd",
    port,
    folder: makeFolder(plan, "etcd"),
    command: program("etcd"),
    asOurselves: true,
    args: [
      "--name=test",
      "--data-dir=data",
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=test=${peer}`,
      "--heartbeat-interval=50",
      "--election-timeout=500",
    ],
    answers: async () => (await fetch(`${url}/health`)).ok,
  });
}

/**
 * Resolves when /readyz says ok. Kubelets must show a certificate of the plan's authority and listen where their node says.
 * `more`: further arguments.
 */
export async function startApiServer(plan: Plan, etcd: Server, more: readonly string[] = []): Promise<Server> {
  const serving = plan.authority.issue({ name: "kube-apiserver", names: ["127.0.0.1", "localhost", "10.96.0.1"] });
  const toKubelet = plan.authority.issue({ name: "kube-apiserver-kubelet-client", group: "system:masters" });
  const key = keyPair();
  plan.file("service-account.key", key.export({ type: "pkcs8", format: "pem" }).toString());
  plan.file("service-account.pub", createPublicKey(key).export({ type: "spki", format: "pem" }).toString());
  const api = adminOf(plan);
  await using _ = api;
  return await startServer({
    name: "kube-apiserver",
    port: plan.port,
    folder: makeFolder(plan, "kube-apiserver"),
    command: program("kube-apiserver"),
    asOurselves: true,
    args: [
      `--etcd-servers=http://127.0.0.1:${etcd.port}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${plan.port}`,
      "--cert-dir=.",
      `--tls-cert-file=${plan.file("api.crt", serving.cert)}`,
      `--tls-private-key-file=${plan.file("api.key", serving.key)}`,
      `--token-auth-file=${plan.file("tokens.csv", `${plan.token},admin,admin,system:masters\n`)}`,
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      "--service-account-signing-key-file=../service-account.key",
      "--service-account-key-file=../service-account.pub",
      `--kubelet-client-certificate=${plan.file("to-kubelet.crt", toKubelet.cert)}`,
      `--kubelet-client-key=${plan.file("to-kubelet.key", toKubelet.key)}`,
      "--kubelet-certificate-authority=../ca.crt",
      "--kubelet-preferred-address-types=InternalIP",
      "--service-cluster-ip-range=10.96.0.0/24",
      // Loopback addresses may not stand in endpoints, and nothing here reaches the server by its service.
      "--endpoint-reconciler-type=none",
      ...more,
    ],
    answers: async () => (await api.call("GET", "/readyz")) === "ok",
  });
}

/** Resolves when the default namespace has what pods need: its service account and the cluster's certificate. */
export async function startControllerManager(plan: Plan, api: Api): Promise<Server> {
  const inDefault = "/api/v1/namespaces/default";
  return await startServer({
    name: "kube-controller-manager",
    port: plan.port,
    folder: makeFolder(plan, "kube-controller-manager"),
    command: program("kube-controller-manager"),
    asOurselves: true,
    args: [
      `--kubeconfig=${plan.kubeconfig}`,
      "--use-service-account-credentials=false",
      "--leader-elect=false",
      "--secure-port=0",
      "--service-account-private-key-file=../service-account.key",
      "--root-ca-file=../ca.crt",
      "--kube-api-qps=500",
      "--kube-api-burst=1000",
    ],
    answers: async () => {
      const account = await api.find(`${inDefault}/serviceaccounts/default`);
      return account !== undefined && (await api.find(`${inDefault}/configmaps/kube-root-ca.crt`)) !== undefined;
    },
  });
}

function makeFolder(plan: Plan, name: string): string {
  const folder = join(plan.folder, name);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}
