import { checks } from "../../src/checks/index.ts";
import { kubernetesWorkload } from "../../src/consumers/kubernetes-workload/consumer.ts";
import type { CheckKind, StoreKind } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { runner } from "../../src/process/run.ts";
import { sharedKey } from "../../src/rotators/shared-key/rotator.ts";
import { kubernetesConfigmap } from "../../src/stores/kubernetes-configmap/store.ts";
import { kubernetesSecret } from "../../src/stores/kubernetes-secret/store.ts";
import { scopeOf } from "../checks/scope.ts";
import { publishedNow } from "../consumers/kubernetes-workload/workload-world.ts";
import { consumerContext, reload } from "../contract/consumer-world.ts";

type Place = { readonly namespace: string; readonly kubeconfig: string };

/** Everything that an option of a catalog makes Keyturn ask of the API server, by the word in the manifest. */
export const optionActs: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  always: async (place) => {
    await writes(kubernetesSecret, place, "backend");
    await restarts(place, "deployment");
  },
  uses: (place) => restarts(place, "deployment", { uses: ["secret/backend"] }),
  discover: async (place) => {
    const entry = entryAt(place, "secret/backend", { discover: true });
    const found = await kubernetesWorkload.bind(entry).discover?.(consumerContext({}));
    if (found?.length !== 1) throw new Error("the Deployment was not found");
  },
  statefulset: (place) => restarts(place, "statefulset"),
  daemonset: (place) => restarts(place, "daemonset"),
  configmap: (place) => writes(kubernetesConfigmap, place, "backend-config"),
  http: (place) => looks("http", place, { pods: "test/{}/deployment/backend", port: 8080, path: "/health" }),
  probe: async ({ namespace, kubeconfig }) => {
    const accept = [{ pods: `test/${namespace}/deployment/backend`, port: 8080, path: "/health" }];
    const bound = sharedKey.bind({ kind: "shared-key", accept, connection: { kind: "kubernetes", kubeconfig } });
    const issuer = await bound.open(consumerContext({}));
    const { verdict } = await issuer
      .test(await issuer.identify({ public: {}, secret: { key: new Secret("any") } }))
      .finally(issuer.close);
    if (verdict !== "accepted") throw new Error(`the pods were not asked: ${verdict}`);
  },
  exec: (place) => looks("exec", place, { at: "test/{}/deployment/backend", argv: ["/bin/true"] }),
};

function entryAt({ namespace, kubeconfig }: Place, at: string, more: object = {}): object {
  return {
    kind: "kubernetes-workload",
    at: `test/${namespace}/${at}`,
    connection: { kind: "kubernetes", kubeconfig },
    ...more,
  };
}

async function writes(kind: StoreKind, { namespace, kubeconfig }: Place, name: string): Promise<void> {
  const connection = { kind: "kubernetes", kubeconfig };
  const bound = kind.bind({ store: kind.kind, at: `test/${namespace}/${name}`, connection });
  const store = await bound.open(consumerContext({}));
  await store.fence();
  refuseErrors(await store.preflight(["KEY"]));
  const { version } = await store.read(["KEY"]);
  await store.publish({ KEY: new Secret(`value-of-${kind.kind}`) }, version, undefined);
  await store.close();
}

async function restarts(place: Place, kind: string, more: object = {}): Promise<void> {
  const consumer = await kubernetesWorkload.bind(entryAt(place, `${kind}/backend`, more)).open(consumerContext({}));
  refuseErrors(await consumer.preflight());
  const expected = publishedNow();
  for (const unit of await consumer.units()) await reload(consumer, unit, expected);
  await consumer.instances(expected);
  await consumer.logs?.(new Date(Date.now() - 60_000).toISOString());
  await consumer.close();
}

async function looks(kind: string, { namespace, kubeconfig }: Place, entry: object): Promise<void> {
  const text = JSON.stringify({ kind, ...entry, connection: { kind: "kubernetes", kubeconfig } });
  const found: CheckKind | undefined = checks({
    runner: runner([]),
    logFolders: [],
  }).find((each) => each.kind === kind);
  const check = await found?.bind(JSON.parse(text.replace("{}", namespace))).open(consumerContext({}));
  await check?.baseline(scopeOf());
  await check?.close();
}

function refuseErrors(findings: readonly { readonly severity: string; readonly sentence: string }[]): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ sentence }) => sentence).join("; "));
}
