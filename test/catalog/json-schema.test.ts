import { describe, expect, it } from "vitest";
import { z } from "zod";
import { catalogJsonSchema } from "../../src/catalog/json-schema.ts";
import { kinds } from "./kinds.ts";
import { shipped } from "./shipped.ts";

describe("the JSON Schema for editors", () => {
  // After a change of the schemas: vitest run test/catalog/json-schema.test.ts -u
  it("is the one in docs", async () => {
    const schema = catalogJsonSchema(shipped);
    await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot("../../docs/catalog.schema.json");
  });

  it("takes what the catalog takes, and names the adapters' own keys", () => {
    const schema = z.fromJSONSchema(catalogJsonSchema(kinds));
    const target = {
      secret: "redis",
      environment: "prod",
      policy: "prod",
      owner: "@platform",
      rotator: { kind: "vault", url: "https://vault", admin: { password: "env:A" }, user: "app" },
      publish: [
        { store: "folder", file: "/x", values: { A: "{{password}}", B: { template: "{{password}}", format: "text" } } },
      ],
      consumers: "live",
      grace: "24h",
    };
    const policy = {
      channel: "#ops",
      approvals: [{ from: "@a", min: 2 }],
      retire: { between: "Mon 09:00-10:00", zone: "UTC" },
    };
    const catalog = { version: 1, policies: { prod: policy }, targets: [target] };
    expect(schema.safeParse(catalog).error?.issues).toBeUndefined();
    for (const wrong of [
      { ...catalog, version: 2 },
      { ...catalog, polices: {} },
      { ...catalog, targets: [{ ...target, consumers: [] }] },
      { ...catalog, targets: [{ ...target, grace: "1 day" }] },
      { ...catalog, targets: [{ ...target, rotator: { ...target.rotator, usr: "x" } }] },
      { ...catalog, targets: [{ ...target, publish: [{ store: "folder", file: "/x" }] }] },
      { ...catalog, policies: { prod: { ...policy, approvals: [{ from: "@a", min: 0 }] } } },
    ]) {
      expect(schema.safeParse(wrong).success).toBe(false);
    }
  });
});
