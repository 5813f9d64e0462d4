import { type Cost, countRequests } from "../test/consumers/kubernetes-workload/many-workloads.ts";
import { startCluster } from "../test/servers/kubernetes/cluster.ts";
import { missingOf } from "../test/servers/need.ts";
import type { Row } from "./table.ts";

const namespaces = 50;
const each = 10;
const promisedLists = { search: 5, look: 3 };

/**
 * What 500 Deployments in 50 namespaces cost at the API server, in requests: searched for, restarted, looked at. Times say nothing
 * here, because the server, its controllers and whoever plays the node share the machine. No row where there is no cluster.
 */
export async function kubernetesRequests(): Promise<readonly Row[]> {
  if (missingOf(["etcd", "kube-apiserver", "kube-controller-manager"]).length > 0) return [];
  const cluster = await startCluster({ kubelet: false });
  try {
    const { workloads, discovery, preflight, reload, firstLook, lastLook } = await countRequests(cluster, {
      namespaces,
      each,
    });
    const what = `${String(workloads)} Deployments in ${String(namespaces)} namespaces`;
    return [
      listed(`${what}: found by the Secret that they use`, discovery, promisedLists.search),
      listed(`${what}: one look, their pods all on their way`, firstLook, promisedLists.look),
      listed(`${what}: one look, all settled`, lastLook, promisedLists.look),
      {
        what: `${what}: restarted`,
        measured: `${String(reload.patches)} patch each, ${String(reload.requests)} requests`,
        floor: `${String(workloads)} patches`,
        ratio: reload.requests / workloads,
        promise: "1 patch each",
        kept: reload.patches === 1,
        note: "beside the patch each workload is read: what would not roll out is refused, and a restart that is there is not repeated",
      },
      {
        what: `${what}: preflight of all`,
        measured: `${String(preflight.lists)} lists in a namespace, ${String(preflight.requests)} requests`,
        floor: `${String(workloads)} reads`,
        ratio: preflight.requests / workloads,
        note: "rights and state of each workload, and who else reads the Secret; lists are shared for 0.4 s, so their number depends on how fast the server answers",
      },
    ];
  } finally {
    await cluster.stop();
  }
}

function listed(what: string, { lists, watches, requests }: Cost, promised: number): Row {
  const floor = namespaces;
  return {
    what,
    measured: `${String(lists + watches)} lists in a namespace, ${String(requests)} requests`,
    floor: `${String(floor)} lists`,
    ratio: requests / floor,
    promise: `at most ${String(promised)} lists or watches in a namespace`,
    kept: lists + watches <= promised,
    note: "requests as a proxy in front of the API server counts them, in the namespace that had the most; one consumer after the other, as the engine goes; floor: one list in each namespace. Of three looks the one that needed the fewest",
  };
}
