import { z } from "zod";
import type { Kinds } from "../core/kinds.ts";
import { Entry } from "../core/target.ts";
import { CatalogText, PublishText, TargetText } from "./text.ts";

/**
 * The catalog's shape as JSON Schema (draft 2020-12) for editors, with the entries of the given adapters. It is weaker than
 * `keyturn check`: rules that need several places at once are not in it.
 */
export function catalogJsonSchema(kinds: Kinds): Readonly<Record<string, unknown>> {
  const target = TargetText.extend({
    rotator: oneOf(kinds.rotators.map(({ config }) => config)).describe("the kind of credential, and where it is made"),
    publish: z
      .array(oneOf(kinds.stores.map(({ config }) => withValues(config))))
      .min(1)
      .describe("where applications read it"),
    consumers: z
      .union([z.literal("live"), z.array(oneOf(kinds.consumers.map(({ config }) => config))).min(1)])
      .describe('workloads that are reloaded; "live": they see a change by themselves'),
    checks: z
      .array(oneOf(kinds.checks.map(({ config }) => config)))
      .default([])
      .describe("what proves that it works, beside a login with the new credential"),
    standby: z
      .array(oneOf(kinds.checks.map(({ config }) => config)))
      .min(1)
      .exactOptional()
      .describe("checks of who carries the load while this target moves; nothing moves while one is red"),
  });
  const connections = z.record(z.string(), oneOf(kinds.connections.map(({ config }) => config))).default({});
  const schema = CatalogText.extend({
    connections: connections.describe("systems that several targets use"),
    targets: z.array(target).min(1),
  }).describe("A catalog of Keyturn: what may be rotated, and who decides");
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // A default after a transformation is what the text becomes (milliseconds), not what people write.
      if (jsonSchema.type === "string" && typeof jsonSchema.default !== "string") delete jsonSchema.default;
    },
  });
}

/** Whatever one of the adapters takes; anything with a kind while there is none. */
function oneOf(configs: readonly z.ZodType[]): z.ZodType {
  return configs.length === 0 ? Entry : z.union(configs);
}

/** A store's entry with the part that belongs to the catalog. */
function withValues(config: z.ZodType): z.ZodType {
  const { values, mirror } = PublishText.shape;
  return config instanceof z.ZodObject ? config.safeExtend({ values, mirror }) : PublishText;
}
