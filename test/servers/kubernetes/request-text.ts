import { z } from "zod";

const verbs: Readonly<Record<string, string>> = { POST: "CREATE", PUT: "UPDATE", PATCH: "PATCH", DELETE: "DELETE" };
const Steps = z.array(z.object({ path: z.string() }));

/**
 * What a request asks, without what differs from run to run: `LIST pods`, `GET secrets/web`, `GET pods/log`,
 * `PATCH secrets/web (data, metadata)` with the fields that it changes, `... dry run`; a path that is no resource as it is. Pods
 * have no names here. Pure.
 */
export function requestText(method: string, url: string, body: string): { text: string; namespace: string } {
  const { pathname, searchParams } = new URL(url, "http://api");
  const path = pathname.split("/").slice(1);
  const root = path[0] === "api" ? 2 : path[0] === "apis" ? 3 : undefined;
  if (root === undefined) return { text: `${method} ${pathname}`, namespace: "" };
  const scoped = path[root] === "namespaces" && path.length > root + 2;
  const [resource = "", name, subresource] = path.slice(scoped ? root + 2 : root);
  const many = searchParams.get("watch") === null ? "LIST" : "WATCH";
  const verb = verbs[method] ?? (name === undefined ? many : "GET");
  const what = [resource, resource === "pods" ? undefined : name, subresource].filter((part) => part !== undefined);
  const fields = verb === "PATCH" ? ` (${fieldsOf(body).join(", ")})` : "";
  const dry = searchParams.has("dryRun") ? " dry run" : "";
  return {
    text: `${verb} ${what.join("/")}${dry === "" ? fields : dry}`,
    namespace: scoped ? (path[root + 1] ?? "") : "",
  };
}

/** Of a merge patch the fields at its top, of a JSON patch (RFC 6902) those that its paths begin with. */
function fieldsOf(body: string): readonly string[] {
  const value: unknown = JSON.parse(body);
  const steps = Steps.safeParse(value).data?.map(({ path }) => path.split("/")[1] ?? "");
  const fields = steps ?? (typeof value === "object" && value !== null ? Object.keys(value) : []);
  return [...new Set(fields)].toSorted();
}
