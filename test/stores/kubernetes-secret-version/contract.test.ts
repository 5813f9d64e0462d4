import { afterAll, beforeAll } from "vitest";
import { storeContract } from "../../contract/store.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { versionWorld } from "./version-world.ts";

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("in a real cluster", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
  });
  afterAll(() => cluster.stop());

  storeContract({
    name: "kubernetes-secret-version",
    fence: "fenced",
    makeWorld: () => versionWorld(cluster),
  });
  storeContract({
    name: "kubernetes-secret-version with versions that can be changed",
    fence: "fenced",
    makeWorld: () => versionWorld(cluster, { immutable: false }),
  });
  storeContract({
    name: "kubernetes-secret-version with two fixed names",
    fence: "fenced",
    makeWorld: () => versionWorld(cluster, { names: "fixed" }),
  });
});
