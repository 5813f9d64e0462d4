import { z } from "zod";

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

type Placed = { readonly url?: string; readonly urls?: readonly string[]; readonly instance?: string };

/** Complains unless there is exactly one of `url` and `urls`, and `instance` beside `url` only. */
export function onePlace(probe: Placed, issue: (path: string, message: string) => void): void {
  if ((probe.url === undefined) === (probe.urls === undefined)) issue("url", "give either url or urls");
  if (probe.urls !== undefined && probe.instance !== undefined) issue("instance", "names the instance of one url");
}

/** One instance to ask. */
export type Place = { readonly instance: string; readonly url: string };

export function placesOf({ url, urls, instance }: Placed): readonly Place[] {
  const all = urls ?? (url === undefined ? [] : [url]);
  return all.map((each) => ({ instance: instance ?? new URL(each).host, url: each }));
}

export function listed(statuses: z.infer<typeof Statuses>): readonly number[] {
  return typeof statuses === "number" ? [statuses] : statuses;
}
