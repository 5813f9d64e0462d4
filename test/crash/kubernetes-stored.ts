import { z } from "zod";
import { urlOf } from "../../sandbox/world/connection-string.ts";
import type { Cluster } from "../servers/kubernetes/cluster.ts";
import type { AnyLane } from "./lane.ts";

const key = "CONNECTIONSTRINGS__DEFAULTCONNECTION";
const sameKey = "TENANTDATABASES__KURA";
const texts = z.record(z.string(), z.string());
const Metadata = z.object({ labels: texts.default({}), annotations: texts.default({}) });
const Source = z.object({ metadata: Metadata, data: texts });
const Stored = Metadata.extend({ data: texts });
const List = z.object({ items: z.array(z.unknown()) });
const Name = z.object({ name: z.string() }).transform(({ name }) => name);
const EnvFrom = z.union([
  z.object({ secretRef: Name }).transform(({ secretRef }) => secretRef),
  z.object({ configMapRef: Name }).transform(({ configMapRef }) => configMapRef),
]);
const Workload = z.object({
  spec: z.object({
    template: z.object({ spec: z.object({ containers: z.tuple([z.object({ envFrom: z.tuple([EnvFrom]) })]) }) }),
  }),
});
const Deployment = z.object({
  metadata: z.object({ annotations: z.object({ "deployment.kubernetes.io/revision": z.coerce.number() }) }),
});
const Revisions = z.object({ items: z.array(z.object({ revision: z.number() })) });

const number = "keyturn.dev/number";
/** What a version bears of the rotation that made it, which is another one each time. */
const ofVersions = ["keyturn.dev/rotation", "keyturn.dev/secret", number];

/** What the only application of a namespace reads, what else is left there, and how often its pods were made anew; seen as administrator. */
export function storedIn(
  cluster: Cluster,
  namespace: string,
  { store, workload }: { readonly store: string; readonly workload: "deployment" | "statefulset" },
): Required<Pick<AnyLane, "stored" | "objects" | "restarts">> {
  const resource = store === "kubernetes-configmap" ? "configmaps" : "secrets";
  const get = (path: string) => cluster.api("GET", path.replace("*", `namespaces/${namespace}`));
  /** The object that the pods read, with what Keyturn may leave on it. */
  async function read(): Promise<string> {
    const { spec } = Workload.parse(await get(`/apis/apps/v1/*/${workload}s/backend`));
    const [name] = spec.template.spec.containers[0].envFrom;
    const { metadata, data } = Source.parse(await get(`/api/v1/*/${resource}/${name}`));
    const decoded = Object.entries(data).map(([field, value]) => [field, Buffer.from(value, "base64").toString()]);
    const plain = resource === "secrets" ? texts.parse(Object.fromEntries(decoded)) : data;
    return JSON.stringify({ ...metadata, data: plain });
  }
  /** How many templates there have been: one for each roll-out. */
  async function templates(): Promise<number> {
    if (workload === "deployment") {
      const { metadata } = Deployment.parse(await get("/apis/apps/v1/*/deployments/backend"));
      return metadata.annotations["deployment.kubernetes.io/revision"];
    }
    const { items } = Revisions.parse(await get("/apis/apps/v1/*/controllerrevisions"));
    return Math.max(...items.map(({ revision }) => revision));
  }
  return {
    stored: { read, urlIn, restOf },
    objects: async () => ({
      [resource]: List.parse(await get(`/api/v1/*/${resource}`)).items.length,
      // How many versions the rotation has made of which one is in use.
      number: Number(Stored.parse(JSON.parse(await read())).annotations[number] ?? 0),
    }),
    restarts: async () => ({ [`${workload}/backend`]: await templates() }),
  };
}

function urlIn(text: string): string {
  return urlOf("postgres", Stored.parse(JSON.parse(text)).data[key] ?? "");
}

/** Both of our keys hold the same connection string, at all times that are looked at. */
function restOf(text: string): string {
  const { data, labels, annotations } = Stored.parse(JSON.parse(text));
  const { [key]: first, [sameKey]: second, ...others } = data;
  const own = (all: Readonly<Record<string, string>>) =>
    Object.entries(all).filter(([name]) => !ofVersions.includes(name));
  return JSON.stringify({ labels: own(labels), annotations: own(annotations), others, same: first === second });
}
