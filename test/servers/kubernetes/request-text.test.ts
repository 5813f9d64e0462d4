import { expect, it } from "vitest";
import { requestText } from "./request-text.ts";

const shop = "/api/v1/namespaces/shop";
const apps = "/apis/apps/v1/namespaces/shop/deployments";

it.each([
  ["GET", `${shop}/pods?limit=500`, "", "LIST pods"],
  ["GET", `${shop}/pods?watch=1`, "", "WATCH pods"],
  ["GET", `${shop}/pods/web-1/log?container=web`, "", "GET pods/log"],
  ["GET", `${shop}/secrets/db`, "", "GET secrets/db"],
  [
    "PATCH",
    `${shop}/secrets/db?fieldManager=keyturn`,
    '{"metadata":{},"data":{}}',
    "PATCH secrets/db (data, metadata)",
  ],
  ["PATCH", `${shop}/secrets/db?dryRun=All`, '{"data":{}}', "PATCH secrets/db dry run"],
  ["PATCH", `${apps}/web`, '{"spec":{}}', "PATCH deployments/web (spec)"],
  [
    "PATCH",
    `${apps}/web`,
    '[{"op":"test","path":"/spec/replicas","value":1},{"op":"add","path":"/metadata/labels","value":{}},{"op":"add","path":"/spec/paused","value":true}]',
    "PATCH deployments/web (metadata, spec)",
  ],
  ["DELETE", `${shop}/secrets/db`, "{}", "DELETE secrets/db"],
])("names what %s %s asks", (method, url, body, text) => {
  expect(requestText(method, url, body)).toEqual({ text, namespace: "shop" });
});

it("names what belongs to no namespace", () => {
  expect(requestText("GET", "/version", "")).toEqual({ text: "GET /version", namespace: "" });
  expect(requestText("GET", "/api/v1/namespaces/shop", "").text).toBe("GET namespaces/shop");
  expect(requestText("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews?dryRun=All", "{}").text).toBe(
    "CREATE selfsubjectrulesreviews dry run",
  );
});
