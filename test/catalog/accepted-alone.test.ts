import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../src/catalog/load.ts";
import { good } from "./good.ts";
import { kinds } from "./kinds.ts";
import { shipped } from "./shipped.ts";

const old = '        values:\n          REDIS: "redis:6379,user={{username}},password={{password}}"\n';

/** The good catalog with one key of several services, published as `places` say: the values of each. */
function problemsOf(places: readonly string[]) {
  const entries = places.map(
    (values, index) => `      - { store: folder, file: /etc/app/${String(index)}, values: ${values} }\n`,
  );
  expect(good).toContain(old);
  const text = good
    .replace(/rotator: .*/, 'rotator: { kind: shared-key, accept: [{ url: "http://a:1/ping" }] }')
    .replace(old, `        values: { KEY: "{{key}}", LAST: "{{accepted.key}}" }\n${entries.join("")}`);
  const result = loadCatalog(text, "catalog.yaml", { ...kinds, rotators: shipped.rotators });
  return "problems" in result ? result.problems : [];
}

describe("what is accepted beside the current credential", () => {
  it("stands in the same place as the current one, so that both change in one step", () => {
    expect(problemsOf(['{ KEY: "{{key}}", LAST: "{{accepted.key}}" }', '{ KEY: "{{key}}" }'])).toEqual([]);
    expect(problemsOf(['{ KEY: "{{key}}" }', '{ LAST: "{{accepted.key}}" }'])).toMatchObject([
      {
        path: "targets[0].publish[2].values",
        found: "{{accepted.key}}",
        sentence: "this place holds only what is accepted beside the current credential, not the current one",
        hint: "write {{key}} into the same place, so that both change in one step",
      },
    ]);
  });
});
