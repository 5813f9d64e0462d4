import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { Headers, listed, Method, onePlace, places, Statuses } from "../probes/config.ts";

/** Names that templates, forms and probes can carry. */
const FieldName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/i, "a name of letters, digits and underscores");

const Test = z
  .strictObject({
    ...places,
    method: Method.default("POST"),
    headers: Headers.default({}),
    body: z
      .union([z.string(), z.record(z.string(), z.json())])
      .exactOptional()
      .describe(
        "{{field}} stands for what was handed in, {{field|url}} for the same in a form; an object is sent as JSON",
      ),
    accepted: Statuses.default(200).describe("how it answers to a value that works"),
    refused: Statuses.default([401, 403]).describe("how it answers to one that does not; nothing else is a refusal"),
  })
  .superRefine((probe, context) => {
    onePlace(probe, (path, message) => context.addIssue({ code: "custom", path: [path], message }));
    if (listed(probe.accepted).some((status) => listed(probe.refused).includes(status))) {
      context.addIssue({ code: "custom", path: ["refused"], message: "a status cannot mean accepted and refused" });
    }
  });

/** The `rotator:` entry of a `handed-in-key` target. */
export const Config = z
  .strictObject({
    kind: z.literal("handed-in-key"),
    name: z.string().min(1).max(100).describe("what people call this key"),
    portal: z
      .string()
      .min(1)
      .max(300)
      .describe("where a person makes a new one and revokes the old one; an address, or words"),
    overlap: z
      .enum(["dual", "single"])
      .default("single")
      .describe("dual: the portal lets two be valid at a time. single: the old one dies as the new one is made"),
    fields: z
      .record(FieldName, z.enum(["public", "secret"]))
      .describe("everything that is handed in together; a public field may be shown in the thread"),
    basic: z
      .tuple([FieldName, FieldName])
      .exactOptional()
      .describe("two fields that {{basic}} joins, for an Authorization header"),
    test: z.array(Test).min(1).describe("requests that only a working value gets through, and that change nothing"),
    usableWithin: Duration.default(10_000).describe("how long a new one may be refused at first"),
    deadWithin: Duration.default(60_000).describe("how long an old one may still be accepted after it was revoked"),
    timeout: Duration.default(10_000),
  })
  .superRefine((config, context) => {
    const complain = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: "custom", path, message });
    const secrets = Object.entries(config.fields).flatMap(([name, kind]) => (kind === "secret" ? [name] : []));
    if (secrets.length === 0) complain(["fields"], "at least one field is secret");
    for (const name of config.basic ?? []) {
      if (!Object.hasOwn(config.fields, name)) complain(["basic"], `there is no field ${name}`);
    }
    for (const [index, probe] of config.test.entries()) {
      const text = JSON.stringify([probe.headers, probe.body ?? ""]);
      const unused = secrets.filter(
        (name) => !shows(text, name) && !(config.basic?.includes(name) === true && shows(text, "basic")),
      );
      if (unused.length > 0) complain(["test", index], `the request does not present ${unused.join(", ")}`);
    }
  });
export type Config = z.infer<typeof Config>;

function shows(text: string, name: string): boolean {
  return text.includes(`{{${name}}}`) || text.includes(`{{${name}|url}}`);
}
