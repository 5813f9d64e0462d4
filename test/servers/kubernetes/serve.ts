// A cluster with its node for programs that are no tests. Prints one line of JSON (url, caFile, kubeconfig, podNetwork)
// when it is ready; stops it on SIGTERM, SIGINT, or when stdin closes (so it never outlives who started it by a pipe).
import { once } from "node:events";
import { startCluster } from "./cluster.ts";

const stdinClosed = once(process.stdin.resume(), "close");
const told = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT"), stdinClosed]);
const cluster = await startCluster();
const { url, caFile, kubeconfig, podNetwork } = cluster;
console.log(JSON.stringify({ url, caFile, kubeconfig, podNetwork }));
await told;
await cluster.stop();
process.exit(0);
