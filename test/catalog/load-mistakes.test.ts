import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../src/catalog/load.ts";
import { good } from "./good.ts";
import { kinds } from "./kinds.ts";
import { shipped } from "./shipped.ts";

function load(text: string) {
  return loadCatalog(text, "catalog.yaml", kinds);
}

function problemsOf(text: string) {
  const result = load(text);
  return "problems" in result ? result.problems : [];
}

/** Replaces one part of the good catalog; the part must be there. */
function changed(part: string, by: string): string {
  expect(good).toContain(part);
  return good.replace(part, by);
}

describe("one mistake is one problem, at its place", () => {
  it.each([
    [
      "an unknown key",
      "policy: prod",
      "polcy: prod",
      { path: "targets[0].polcy", hint: "did you mean policy?", line: 14, column: 5 },
    ],
    [
      "an unknown policy",
      "policy: prod",
      "policy: prd",
      { path: "targets[0].policy", hint: "did you mean prod?", allowed: ["prod"], column: 13 },
    ],
    ["a missing key", '    owner: "@platform"\n', "", { path: "targets[0].owner", found: "nothing" }],
    [
      "an unknown rotator",
      "kind: vault",
      "kind: valt",
      { path: "targets[0].rotator.kind", hint: "did you mean vault?" },
    ],
    [
      "an unknown store",
      "store: folder",
      "store: flder",
      { path: "targets[0].publish[0].store", hint: "did you mean folder?" },
    ],
    [
      "an unknown consumer",
      "kind: program",
      "kind: programm",
      { path: "targets[0].consumers[0].kind", hint: "did you mean program?" },
    ],
    ["an unknown check", "kind: http", "kind: htp", { path: "targets[0].checks[0].kind", hint: "did you mean http?" }],
    [
      "a rotator's own key",
      "user: app }",
      "usr: app }",
      { path: "targets[0].rotator.usr", hint: "did you mean user?" },
    ],
    [
      "a rotator's own value",
      "env:VAULT_ADMIN",
      "hunter2",
      { path: "targets[0].rotator.admin.password", found: "a text of 7 characters" },
    ],
    [
      "a store's own key",
      "file: /etc/app/.env",
      "fil: /etc/app/.env",
      { path: "targets[0].publish[0].fil", hint: "did you mean file?" },
    ],
    ["values misspelt", "values:", "vales:", { path: "targets[0].publish[0].vales", hint: "did you mean values?" }],
    [
      "no values",
      '\n          REDIS: "redis:6379,user={{username}},password={{password}}"',
      " {}",
      { path: "targets[0].publish[0].values", allowed: ["at least one key"] },
    ],
    [
      "an unknown field",
      "{{username}}",
      "{{usernam}}",
      { path: "targets[0].publish[0].values.REDIS", hint: "did you mean username?", line: 22, column: 35 },
    ],
    ["an unknown encoder", "{{password}}", "{{password|urll}}", { hint: "did you mean url?", column: 57 }],
    [
      "no secret field",
      ",password={{password}}",
      "",
      { path: "targets[0].publish", sentence: "no key of this target holds what is rotated" },
    ],
    [
      "a value without a field",
      "redis:6379,user={{username}},password={{password}}",
      "redis:6379,password=hunter2",
      { found: "a text of 27 characters" },
    ],
    [
      "an empty list of consumers",
      "\n      - { kind: program, argv: [systemctl, reload, app] }",
      " []",
      { path: "targets[0].consumers", found: "an empty list" },
    ],
    [
      "live without a live store",
      "\n      - { kind: program, argv: [systemctl, reload, app] }",
      " live",
      { path: "targets[0].consumers", hint: "list the workloads that read it" },
    ],
    [
      "consumers of another sort",
      "\n      - { kind: program, argv: [systemctl, reload, app] }",
      " alive",
      { path: "targets[0].consumers", found: "alive" },
    ],
    [
      "a secret in argv",
      "reload, app]",
      '"--password={{password}}"]',
      { path: "targets[0].consumers[0].argv[1]", found: "{{password}}" },
    ],
    [
      "a reference in argv",
      "reload, app]",
      '"{{env:ADMIN}}"]',
      { path: "targets[0].consumers[0].argv[1]", hint: "hand it over on stdin" },
    ],
    [
      "a cut that the policy does not allow",
      "user: app }",
      "user: app, mode: one }",
      { path: "targets[0].rotator", sentence: expect.stringContaining("the policy does not allow") },
    ],
    [
      "graceMax below grace",
      "graceMax: 72h",
      "graceMax: 23h",
      { path: "targets[0].graceMax", hint: "write at least 24h" },
    ],
    [
      "a wrong duration",
      "grace: 24h",
      "grace: 24 hours",
      { path: "targets[0].grace", allowed: ["a length of time such as 15s, 30m or 24h"] },
    ],
    [
      "a duration without a unit",
      "grace: 24h",
      "grace: 24",
      { path: "targets[0].grace", hint: "write a length of time such as 15s, 30m or 24h" },
    ],
    [
      "a number for a text",
      "secret: redis",
      "secret: 12",
      { path: "targets[0].secret", hint: "put it in quotation marks" },
    ],
    ["a short watch", "grace: 24h", "watch: 5s", { path: "targets[0].watch", hint: "write at least 60s" }],
    ["a short idle", "grace: 24h", "idle: { for: 5s }", { path: "targets[0].idle.for", hint: "write at least 60s" }],
    [
      "an idle that the issuer cannot tell",
      "grace: 24h",
      "idle: { kind: last-used }",
      { path: "targets[0].idle.kind", allowed: ["sessions", "none"] },
    ],
    [
      "min 0",
      '{ from: "@security", min: 1 }',
      '{ from: "@security", min: 0 }',
      { path: "policies.prod.approvals[0].min", allowed: ["at least 1"] },
    ],
    [
      "one person",
      '{ from: "@security", min: 1 }, ',
      "",
      { path: "policies.prod.approvals", hint: "ask for a second person, or say production: false" },
    ],
    ["a wrong group", '"@security", min: 1', "security, min: 1", { path: "policies.prod.approvals[0].from" }],
    ["a wrong zone", "Europe/Berlin", "Europe/Berln", { path: "policies.prod.retire.zone" }],
    ["a wrong window", "Mon-Fri 09:00-16:00", "Mon-Fri 16:00-09:00", { path: "policies.prod.retire.between" }],
    [
      "a wrong enum",
      "expires: 30m",
      "onFailure: rolback",
      { path: "policies.prod.onFailure", hint: "did you mean rollback?" },
    ],
    [
      "Keyturn's own variable",
      "env:VAULT_ADMIN",
      "env:SLACK_BOT_TOKEN",
      { path: "targets[0].rotator.admin.password", found: "env:SLACK_BOT_TOKEN" },
    ],
    [
      "Keyturn's own database",
      'url: "https://app/health"',
      'url: "https://app/health", headers: { A: "Bearer env:database_url" }',
      { path: "targets[0].checks[0].headers.A" },
    ],
    ["another version", "version: 1", "version: 2", { path: "version", allowed: ["1"], line: 1, column: 10 }],
    ["a key twice", "grace: 24h", "grace: 24h\n    grace: 24h", { sentence: "this key stands there twice", line: 28 }],
    ["a merge key", "grace: 24h", "<<: { grace: 1h }", { path: "targets[0].<<", found: "<<" }],
    [
      "an alphabet that leaves nothing",
      "file: /etc/app/.env",
      "file: /etc/app/.env\n        alphabet: abc",
      { path: "targets[0].publish", sentence: expect.stringContaining("leave 0 characters") },
    ],
    ["a group that is too small", "targets:", 'groups: { "@nobody": [] }\ntargets:', { path: "groups.@nobody" }],
    ["a tag", "grace: 24h", "grace: !!js/function 24h", { sentence: expect.stringContaining("tag") }],
  ])("%s", (_name, part, by, expected) => {
    const problems = problemsOf(changed(part, by));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: "catalog.yaml", ...expected });
    expect(problems[0]?.hint).not.toBe("");
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  it("a target that stands there twice, and a key that two targets write", () => {
    const second = good.slice(good.indexOf("  - secret"));
    expect(problemsOf(good + second.replace("REDIS:", "OTHER:"))).toMatchObject([
      { path: "targets[1].secret", found: "redis prod", line: 29 },
    ]);
    expect(problemsOf(good + second.replace("secret: redis", "secret: other"))).toMatchObject([
      {
        path: "targets[1].publish[0].values.REDIS",
        sentence: "folder /etc/app/.env has REDIS written by targets[0] already",
      },
    ]);
  });

  it("a group with fewer people than a line needs", () => {
    const text = changed('from: "@security", min: 1', 'from: "@security", min: 2').replace(
      "targets:",
      'groups: { "@security": [U0000001, U0000001] }\ntargets:',
    );
    expect(problemsOf(text)).toMatchObject([
      { path: "policies.prod.approvals[0].min", sentence: "@security has only 1 people" },
    ]);
  });

  it("live consumers need a check", () => {
    const text = good
      .replace("store: folder", "store: live-folder")
      .replace("\n      - { kind: program, argv: [systemctl, reload, app] }", " live")
      .replace('    checks:\n      - { kind: http, url: "https://app/health" }\n', "");
    expect(problemsOf(text)).toMatchObject([{ path: "targets[0].consumers", hint: "add a check" }]);
  });
});

it("what an adapter finds wrong is said in its own words", () => {
  const redis = (more: string): string =>
    good.replace(
      /rotator: .*/,
      `rotator: { kind: redis-acl, url: "redis://r:6379", admin: { username: keyturn, password: "env:A" }${more} }`,
    );
  const read = (more: string) => {
    const result = loadCatalog(redis(more), "catalog.yaml", { ...kinds, rotators: shipped.rotators });
    return "problems" in result ? result.problems : [];
  };
  expect(read(", user: app")).toEqual([]);
  expect(read("")).toMatchObject([
    {
      path: "targets[0].rotator.user",
      hint: 'write either "user" (two passwords on one user) or "users" (two users that take turns)',
    },
  ]);
  expect(read(", user: keyturn")).toMatchObject([
    {
      path: "targets[0].rotator.admin",
      sentence: '"admin" contradicts the rest of this entry',
      hint: expect.stringContaining("lock out"),
    },
  ]);
  expect(read(", users: app")).toMatchObject([{ path: "targets[0].rotator.users", found: "app" }]);
});
