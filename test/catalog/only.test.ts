import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../src/catalog/load.ts";
import { good } from "./good.ts";
import { kinds } from "./kinds.ts";

const values = '          REDIS: "redis:6379,user={{username}},password={{password}}"\n';
const only = (text: string): string => `          APP_A: { template: "{{password}}", only: ${text} }\n`;

function load(text: string) {
  return loadCatalog(text, "catalog.yaml", kinds);
}

function problemsOf(text: string) {
  const result = load(text);
  return "problems" in result ? result.problems : [];
}

describe("a key that is written for some credentials only", () => {
  it("is read with what its credentials have in common", () => {
    const result = load(good.replace(values, values + only("{ username: app_a }")));

    expect("catalog" in result ? result.catalog.targets[0]?.publish[0]?.values["APP_A"] : result).toEqual({
      template: "{{password}}",
      only: { username: "app_a" },
    });
  });

  it.each([
    ["{ usrname: app_a }", { path: ".usrname", hint: "did you mean username?", sentence: /has no field "usrname"/ }],
    ["{ password: hunter2 }", { path: ".password", hint: "only compares username", sentence: /is a secret field/ }],
    ["{}", { path: "", hint: "at least one field", sentence: /./ }],
    ["app_a", { path: "", hint: /./, sentence: /./ }],
    ["{ username: 7 }", { path: ".username", hint: /./, sentence: /./ }],
  ])("names public fields and texts: %s", (text, { path, hint, sentence }) => {
    const problems = problemsOf(good.replace(values, values + only(text)));

    expect(problems).toMatchObject([
      {
        path: `targets[0].publish[0].values.APP_A.only${path}`,
        line: 23,
        hint: expect.stringMatching(hint),
        sentence: expect.stringMatching(sentence),
      },
    ]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  it("does not stand alone: nothing would tell which credential is in use", () => {
    const problems = problemsOf(good.replace(values, only("{ username: app_a }")));

    expect(problems).toMatchObject([
      { path: "targets[0].publish", sentence: 'no key of this target without "only" holds what is rotated' },
    ]);
  });
});
