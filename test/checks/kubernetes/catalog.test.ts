import { expect, it } from "vitest";
import { loadCatalog } from "../../../src/catalog/load.ts";
import { shipped } from "../../catalog/shipped.ts";

function load(checks: string) {
  return loadCatalog(
    `version: 1
connections:
  prod: { kind: kubernetes, context: prod }
policies:
  prod: { channel: "#ops", requesters: ["@oncall"], approvals: [{ from: "@security", min: 2 }] }
targets:
  - secret: redis
    environment: prod
    policy: prod
    owner: "@platform"
    rotator: { kind: redis-acl, url: "rediss://redis:6379", admin: { username: keyturn, password: "env:ADMIN" }, user: app }
    publish: [{ store: env-file, file: /etc/app/.env, values: { PASSWORD: "{{password}}" } }]
    consumers: [{ kind: kubernetes-workload, at: prod/shop/deployment/web }]
    checks: ${checks}
`,
    "catalog.yaml",
    shipped,
  );
}

it("gives checks of pods the connection that they name, and leaves a check of a URL alone", () => {
  const result = load(
    `[{ kind: http, pods: prod/shop/deployment/web, port: 8080 }, { kind: http, url: "https://h/" }, { kind: exec, at: prod/shop/deployment/web, argv: [./aegis, health] }]`,
  );

  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  const connection = { kind: "kubernetes", context: "prod" };
  const [pods, url, exec] = result.catalog.targets[0]?.checks ?? [];
  expect([pods, exec]).toMatchObject([{ connection }, { connection }]);
  expect(url).not.toHaveProperty("connection");
});

it.each([
  [
    "a connection that is not there",
    "[{ kind: http, pods: prd/shop/deployment/web, port: 8080 }]",
    'there is no connection "prd" of the kind kubernetes',
  ],
  [
    "a secret in an argv",
    '[{ kind: exec, at: prod/shop/deployment/web, argv: [login, "env:PASSWORD"] }]',
    "no reference or template here",
  ],
  [
    "a password in an argv",
    '[{ kind: exec, at: prod/shop/deployment/web, argv: [psql, "postgresql://app:hunter2@db/shop"] }]',
    "no password here",
  ],
  ["nobody to ask", "[{ kind: http, path: /health }]", "says whom to ask: url, or pods and port"],
])("names %s as a mistake, without the value", (_, checks, sentence) => {
  const result = load(checks);

  const text = JSON.stringify("problems" in result ? result.problems : []);
  expect(text).toContain(JSON.stringify(sentence).slice(1, -1));
  expect(text).not.toContain("hunter2");
});
