import { afterAll, beforeAll } from "vitest";
import { storeContract } from "../../contract/store.ts";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { needs } from "../../servers/need.ts";
import { makeNamespace, objectWorld } from "./object-world.ts";

const flat = { PRESENT: "old", NEIGHBOUR: "his", OTHER: "x\0\u00fc\n" };
const yaml =
  '# by hand\r\ndb:   # main\r\n    host:  his   # where\r\n    password: "old" # since May\r\n    options: { a: 1 }\r\nlast: |\r\n  x\r\n';
const json = '{\n\t"db": {\n\t\t"host": "his",\n\t\t"password": "old"\n\t},\n\t"n": 1.0\n}';
const fieldsOf = (file: string) => ({
  present: `${file}#/db/password`,
  absent: `${file}#/db/added`,
  neighbour: `${file}#/db/host`,
});

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
)("in a real cluster", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ kubelet: false });
    await makeNamespace(cluster);
  });
  afterAll(() => cluster.stop());

  storeContract({
    name: "kubernetes-secret",
    fence: "fenced",
    makeWorld: () => objectWorld(cluster, { data: flat }),
  });
  storeContract({
    name: "kubernetes-secret with fields of a YAML document with comments and CRLF",
    fence: "fenced",
    makeWorld: () => objectWorld(cluster, { data: { ...flat, "c.yaml": yaml }, keys: fieldsOf("c.yaml") }),
  });
  storeContract({
    name: "kubernetes-configmap",
    fence: "fenced",
    makeWorld: () => objectWorld(cluster, { kind: "ConfigMap", data: flat, extra: { binaryData: { raw: "/wAB" } } }),
  });
  storeContract({
    name: "kubernetes-configmap with fields of a JSON document with tabs",
    fence: "fenced",
    makeWorld: () =>
      objectWorld(cluster, { kind: "ConfigMap", data: { ...flat, "c.json": json }, keys: fieldsOf("c.json") }),
  });
});
