import { z } from "zod";
import { KubernetesConnection } from "../../connections/kubernetes/config.ts";
import { WorkloadAt } from "../../connections/kubernetes/place.ts";

/** An address that is asked. Credentials are sent to it and nowhere else. */
export const Url = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || (new URL(url).username === "" && new URL(url).password === ""), {
    error: "no user info in the URL; put a reference into a header",
  })
  .refine((url) => !/[{}]/.test(url), {
    error: "no {{...}} in the URL, where logs would keep it; put it into a header or into the body",
  });

const Status = z.int().min(200).max(599);
export const Statuses = z.union([Status, z.array(Status).min(1)]);

/** Which instances a probe goes to: one `url`, or several `urls` that are asked alike. */
export const places = {
  url: Url.exactOptional().describe("the address of one instance, not of what stands in front of several"),
  urls: z.array(Url).min(1).exactOptional().describe("the same, for several instances that are asked alike"),
  instance: z
    .string()
    .min(1)
    .exactOptional()
    .describe("what the instance at `url` is called; default: its host and port"),
};

/** Beside `places`: the pods of a workload, one by one, in the place of an address. */
export const podPlaces = {
  pods: WorkloadAt.exactOptional().describe(
    "instead of `url`: every ready pod of connection/namespace/deployment/name, one by one, through the Kubernetes API",
  ),
  port: z.int().min(1).max(65_535).exactOptional().describe("with `pods`: where each pod listens"),
  scheme: z.enum(["http", "https"]).exactOptional().describe("with `pods`: default http"),
  path: z
    .string()
    .regex(/^\/(?!\/)[\x21-\x22\x24-\x7a|~]*$/, { error: "a path such as /me" })
    .exactOptional()
    .describe("with `pods`: path and query, as the application has them"),
};

/** The key of an entry with `podPlaces` in it. */
export const connection = KubernetesConnection.exactOptional().describe("written by Keyturn from the name in `pods`");

export const Method = z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);
export const Headers = z
  .record(z.string().regex(/^[\w-]+$/), z.string())
  .describe("a whole text that is a reference (env:NAME, file:...) is replaced by its value");

/** How instances are asked to accept something: `{{token}}` or `{{key}}` in a header or in the body stands for it. */
export function acceptProbe(field: "token" | "key" | "session", headers: Readonly<Record<string, string>>) {
  const placeholder = `{{${field}}}`;
  return z
    .strictObject({
      ...places,
      ...podPlaces,
      method: Method.default("GET"),
      headers: Headers.default({ ...headers }),
      body: z.string().exactOptional().describe(`sent as it is written, with ${placeholder} filled in`),
      accepted: Statuses.default(200).describe("how it answers to one that it accepts; 403 where that has no rights"),
      refused: Statuses.default([401, 403]).describe(
        "how it answers to one that it refuses; nothing else is a refusal",
      ),
    })
    .superRefine((probe, context) => {
      const issue = (path: string, message: string): void =>
        context.addIssue({ code: "custom", path: [path], message });
      onePlace(probe, issue);
      const texts = [...Object.values(probe.headers), probe.body ?? ""];
      if (!texts.some((text) => text.includes(placeholder))) {
        issue("headers", `nothing of the request holds ${placeholder}: any answer would prove nothing`);
      }
      if (listed(probe.accepted).some((status) => listed(probe.refused).includes(status))) {
        issue("refused", "a status cannot mean accepted and refused");
      }
    });
}

/** Where a probe goes, as the catalog has it. */
export type Placed = {
  readonly url?: string;
  readonly urls?: readonly string[];
  readonly instance?: string;
  readonly pods?: string;
  readonly port?: number;
  readonly scheme?: "http" | "https";
  readonly path?: string;
};

/** Complains unless there is exactly one of `url`, `urls` and `pods`, and beside it only what belongs to it. */
export function onePlace(probe: Placed, issue: (path: string, message: string) => void): void {
  const given = [probe.url, probe.urls, probe.pods].filter((each) => each !== undefined);
  if (given.length !== 1) issue("url", "give one of url, urls and, for a Kubernetes workload, pods");
  if (probe.url === undefined && probe.instance !== undefined) issue("instance", "names the instance of one url");
  if (probe.pods !== undefined && probe.port === undefined) issue("port", "say at which port each pod listens");
  for (const name of ["port", "scheme", "path"] as const) {
    if (probe.pods === undefined && probe[name] !== undefined) issue(name, "goes with pods; a url has its own");
  }
}

/** What is asked, by short names: hosts, and a workload for its pods. */
export function namesOf({ url, urls, instance, pods }: Placed): readonly string[] {
  if (pods !== undefined) return [pods];
  return (urls ?? (url === undefined ? [] : [url])).map((each) => instance ?? new URL(each).host);
}

/** As `namesOf`, in the words of the plan. */
export function wordsOf(probe: Placed): readonly string[] {
  return probe.pods === undefined ? namesOf(probe) : [`every ready pod of ${probe.pods}`];
}

export function listed(statuses: z.infer<typeof Statuses>): readonly number[] {
  return typeof statuses === "number" ? [statuses] : statuses;
}
