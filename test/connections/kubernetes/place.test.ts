import { describe, expect, it } from "vitest";
import { placeOf, workloadOf } from "../../../src/connections/kubernetes/place.ts";

describe("a place in a cluster", () => {
  it("is taken apart", () => {
    expect(placeOf("prod/truload/truload-backend-secrets")).toEqual({
      connection: "prod",
      namespace: "truload",
      name: "truload-backend-secrets",
    });
    expect(workloadOf("prod/truload/deployment/web.v2")).toEqual({
      connection: "prod",
      namespace: "truload",
      kind: "deployment",
      name: "web.v2",
    });
  });

  it.each([
    "db",
    "shop/db",
    "prod/shop/db/x",
    "prod/Shop/db",
    "prod/shop/db_1",
    "prod/shop/",
    "/shop/db",
    "prod/../db",
  ])("is not %s", (text) => {
    expect(() => placeOf(text)).toThrow(/connection\/namespace\/name, such as prod\/shop\/db/);
  });

  it.each(["prod/shop/web", "prod/shop/deploy/web", "prod/shop/pod/web"])("of a workload is not %s", (text) => {
    expect(() => workloadOf(text)).toThrow(/connection\/namespace\/deployment\/name/);
  });
});
