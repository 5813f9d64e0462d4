import { z } from "zod";

const label = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
const subdomain = "[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?";
const connection = "[^/\\s]+";

/** An object: `connection/namespace/name`, the form of an entry's `at`. */
export const ObjectAt = z.string().regex(new RegExp(`^${connection}/${label}/${subdomain}$`), {
  error: "connection/namespace/name, such as prod/shop/db (lower-case letters, digits, - and . as Kubernetes has them)",
});

/** A workload: `connection/namespace/kind/name`. */
export const WorkloadAt = z
  .string()
  .regex(new RegExp(`^${connection}/${label}/(?:deployment|statefulset|daemonset)/${subdomain}$`), {
    error: "connection/namespace/deployment/name, such as prod/shop/deployment/web; also statefulset and daemonset",
  });

/** Where an object is: the connection's name in the catalog, its namespace, its name. */
export type Place = { readonly connection: string; readonly namespace: string; readonly name: string };
export type WorkloadPlace = Place & { readonly kind: "deployment" | "statefulset" | "daemonset" };

const WorkloadKind = z.enum(["deployment", "statefulset", "daemonset"]);

/** Takes `connection/namespace/name` apart. Throws a ZodError that shows the form. */
export function placeOf(text: string): Place {
  const [name = "", namespace = "", where = ""] = ObjectAt.parse(text).split("/").toReversed();
  return { connection: where, namespace, name };
}

/** Takes `connection/namespace/kind/name` apart. Throws a ZodError that shows the form. */
export function workloadOf(text: string): WorkloadPlace {
  const [name = "", kind, namespace = "", where = ""] = WorkloadAt.parse(text).split("/").toReversed();
  return { connection: where, namespace, kind: WorkloadKind.parse(kind), name };
}
