import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../src/catalog/load.ts";
import { draftOf } from "../../src/core/desk/make-plan.ts";
import { shipped } from "./shipped.ts";

const rotator = {
  kind: "handed-in-key",
  name: "ntsa",
  portal: "the portal",
  overlap: "dual",
  fields: { api_key: "public", client_secret: "secret" },
  test: [{ url: "https://ntsa.example/token", body: { key: "{{api_key}}", secret: "{{client_secret}}" } }],
};
const values = { KEY: "{{api_key}}", SECRET: "{{client_secret}}" };
const api = {
  store: "http-api",
  name: "NTSA",
  url: "https://truload.example",
  admin: {},
  write: { path: "/ntsa" },
  values,
};
const shown = { ...api, read: { path: "/ntsa", values: { KEY: "$.KEY", SECRET: "$.SECRET" } } };
const file = { store: "env-file", file: "/etc/mirror.env", values };

function loaded(publish: readonly object[]) {
  const target = {
    secret: "ntsa",
    environment: "prod",
    policy: "prod",
    owner: "@platform",
    rotator,
    publish,
    consumers: "live",
    checks: [{ kind: "login" }],
  };
  const policy = {
    channel: "#security-ops",
    approvals: [
      { from: "@security", min: 1 },
      { from: "@oncall", min: 1 },
    ],
  };
  return loadCatalog(
    JSON.stringify({ version: 1, policies: { prod: policy }, targets: [target] }),
    "catalog.json",
    shipped,
  );
}

const problems = (publish: readonly object[]) => {
  const result = loaded(publish);
  return "problems" in result ? result.problems.map(({ path, sentence }) => `${path}: ${sentence}`) : [];
};

describe("a mirror", () => {
  it("stands beside a store that cannot be read, need not be live, and is nothing of the store's", () => {
    const result = loaded([api, { ...file, mirror: true }]);
    const [target] = "catalog" in result ? result.catalog.targets : [];
    expect(target?.publish[1]?.entry).toEqual({ store: "env-file", file: "/etc/mirror.env" });
    if (target === undefined) throw new Error(JSON.stringify(result));
    expect(draftOf(shipped, target).publishes.map(({ readable }) => readable)).toEqual([false, undefined]);
  });

  it.each([
    [
      "a store that is not live and is no mirror",
      [api, file],
      "readers of env-file /etc/mirror.env see a change only when they are reloaded",
    ],
    [
      "a mirror that cannot be read",
      [shown, { ...api, mirror: true }],
      "http-api NTSA cannot be read, so it mirrors nothing",
    ],
    ["a mirror of what can be read", [shown, { ...file, mirror: true }], "every store of this target can be read"],
  ])("is refused: %s", (_what, publish, sentence) => {
    expect(problems(publish).join("\n")).toContain(sentence);
  });
});
