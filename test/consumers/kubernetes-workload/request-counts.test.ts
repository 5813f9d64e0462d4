import { afterAll, beforeAll, expect, it } from "vitest";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { countRequests } from "./many-workloads.ts";

needs("etcd", "kube-apiserver", "kube-controller-manager")(
  "what 50 Deployments in 5 namespaces cost at the API server",
  { timeout: 180_000 },
  () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startCluster({ kubelet: false });
    });
    afterAll(async () => {
      await cluster?.stop();
    });

    it("is five lists in a namespace for a search, three for a look, and one patch for a workload", async () => {
      const costs = await countRequests(cluster, { namespaces: 5, each: 10 });

      expect(costs).toEqual({
        workloads: 50,
        discovery: { requests: 25, lists: 5, watches: 0, patches: 0 },
        preflight: expect.anything(),
        reload: { requests: 100, lists: 0, watches: 0, patches: 1 },
        firstLook: { requests: 15, lists: 3, watches: 0, patches: 0 },
        lastLook: { requests: 15, lists: 3, watches: 0, patches: 0 },
      });
    });
  },
);
