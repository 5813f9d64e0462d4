import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../src/catalog/load.ts";
import { Policy } from "../../src/core/policy.ts";
import { Target } from "../../src/core/target.ts";
import { good } from "./good.ts";
import { kinds } from "./kinds.ts";

function load(text: string) {
  return loadCatalog(text, "catalog.yaml", kinds);
}

function catalogOf(text: string) {
  const result = load(text);
  if ("problems" in result) throw new Error(JSON.stringify(result.problems, undefined, 2));
  return result.catalog;
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

describe("a catalog without a mistake", () => {
  it("becomes targets and policies with every default filled in and durations in milliseconds", () => {
    const { targets, policies, demo, version } = catalogOf(good);
    expect({ demo, version }).toEqual({ demo: false, version: 1 });
    expect(targets).toHaveLength(1);
    expect(Target.parse(targets[0])).toEqual({
      secret: "redis",
      environment: "prod",
      policy: "prod",
      owner: "@platform",
      contacts: "#platform-support",
      rotator: {
        kind: "vault",
        url: "https://vault:8200",
        admin: { username: "keyturn", password: "env:VAULT_ADMIN" },
        user: "app",
      },
      publish: [
        {
          store: "folder",
          entry: { store: "folder", file: "/etc/app/.env" },
          values: { REDIS: { template: "redis:6379,user={{username}},password={{password}}" } },
        },
      ],
      consumers: [{ kind: "program", argv: ["systemctl", "reload", "app"] }],
      checks: [{ kind: "http", url: "https://app/health" }],
      graceMs: 86_400_000,
      graceMaxMs: 259_200_000,
      idle: { kind: "sessions", forMs: 600_000 },
      watchMs: 600_000,
      noticeMs: 900_000,
    });
    expect(Policy.parse(policies["prod"])).toEqual({
      name: "prod",
      channel: "#security-ops",
      requesters: ["@oncall", "@security"],
      approvals: [
        { from: "@security", min: 1 },
        { from: "@oncall", min: 1, else: "@platform-leads" },
      ],
      expiresMs: 1_800_000,
      retire: {
        text: "Mon-Fri 09:00-16:00",
        zone: "Europe/Berlin",
        days: [1, 2, 3, 4, 5],
        fromMinute: 540,
        toMinute: 960,
      },
      production: true,
      onFailure: "rollback",
      allowSingle: false,
      remindMs: 3_600_000,
      holdMs: 14_400_000,
    });
  });

  it("has a digest of what it means, not of how it is written", () => {
    const { digest } = catalogOf(good);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(
      catalogOf(`# a comment\n${good.replace("grace: 24h", "grace: 1440m").replace("expires: 30m\n    ", "")}`).digest,
    ).toBe(digest);
    expect(catalogOf(changed("grace: 24h", "grace: 25h")).digest).not.toBe(digest);
    expect(catalogOf(changed("env:VAULT_ADMIN", "env:VAULT_ADMIN2")).digest).not.toBe(digest);
    expect(catalogOf(changed("password={{password}}", "password={{password}},ssl=true")).digest).not.toBe(digest);
  });

  it("may repeat a part by an alias", () => {
    const text = good
      .replace("prod:\n    channel", "prod: &strict\n    channel")
      .replace("targets:", "  staging: *strict\ntargets:");
    expect(Object.keys(catalogOf(text).policies)).toEqual(["prod", "staging"]);
    expect(catalogOf(text).policies["staging"]).toMatchObject({ name: "staging", channel: "#security-ops" });
  });

  it("may name the format of a value", () => {
    const text = changed(
      'REDIS: "redis:6379,user={{username}},password={{password}}"',
      'A: { template: "user={{username}},password={{password}}", format: text }',
    );
    expect(catalogOf(text).targets[0]?.publish[0]?.values).toEqual({
      A: { template: "user={{username}},password={{password}}", format: "text" },
    });
  });

  it.each([
    ["demo: true\n", "seconds are enough in the demo"],
    ["", "and where the policy is not production"],
  ])("short times are taken: %s%s", (demo) => {
    const text = demo + good.replace("expires: 30m", demo === "" ? "production: false" : "expires: 1m");
    expect(
      catalogOf(text.replace("grace: 24h", "grace: 5s\n    watch: 3s\n    idle: { for: 2s }\n    notice: 0s"))
        .targets[0],
    ).toMatchObject({
      graceMs: 5_000,
      watchMs: 3_000,
      noticeMs: 0,
      idle: { kind: "sessions", forMs: 2_000 },
    });
  });
});

describe("YAML that is not what it seems", () => {
  it("aliases of aliases are refused before they grow", () => {
    const rows = Array.from(
      { length: 30 },
      (_, i) => `  a${i + 1}: &a${i + 1} [${Array.from({ length: 9 }, () => `*a${i}`).join(", ")}]`,
    );
    const problems = problemsOf(`version: 1\nconnections:\n  a0: &a0 [lol]\n${rows.join("\n")}\n`);
    expect(problems[0]).toMatchObject({ sentence: "an anchored part holds an alias", line: 4 });
  });

  it("too many aliases are refused", () => {
    const many = Array.from({ length: 102 }, (_, i) => `  p${i}: *a`).join("\n");
    expect(problemsOf(`${good}connections2:\n  a: &a {}\n${many}\n`)).toMatchObject([
      { sentence: "the file has too many aliases" },
    ]);
  });

  it("an alias without an anchor, a broken line and a second document are named", () => {
    expect(problemsOf(changed("grace: 24h", "grace: *nowhere"))).toMatchObject([
      { sentence: "this alias has no anchor before it", line: 27 },
    ]);
    expect(problemsOf(changed("grace: 24h", "grace: [24h"))[0]).toMatchObject({ line: expect.any(Number) });
    expect(problemsOf(`${good}---\nversion: 1\n`)).toMatchObject([
      { sentence: "the file holds more than one document", line: 29 },
    ]);
    expect(problemsOf("")).toMatchObject([{ line: 1, hint: expect.any(String) }]);
    expect(problemsOf("- a\n- b\n")).toMatchObject([{ line: 1 }]);
  });

  it("a file that is too large is not read", () => {
    expect(problemsOf(`# ${"x".repeat(17_000_000)}`)).toMatchObject([
      { sentence: "the file is too large", line: 1, column: 1 },
    ]);
  });

  it("a tab is named and the rest is still looked at", () => {
    const problems = problemsOf(changed("    graceMax: 72h", "\tgraceMax: 72h").replace("policy: prod", "policy: prd"));
    expect(problems).toContainEqual(expect.objectContaining({ sentence: "a tab is no indentation in YAML", line: 28 }));
    expect(problems).toContainEqual(expect.objectContaining({ hint: "did you mean prod?" }));
  });

  it("a key of every object's prototype is a key like any other", () => {
    expect(problemsOf(changed("policy: prod", "policy: constructor"))).toMatchObject([{ path: "targets[0].policy" }]);
    expect(problemsOf(changed("{{username}}", "{{constructor}}"))).toMatchObject([{ found: "constructor" }]);
    expect(problemsOf(changed("grace: 24h", "__proto__: { graceMs: 1 }"))).toHaveLength(1);
  });
});
