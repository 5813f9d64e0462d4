import { describe, expect, it } from "vitest";
import type { Credential } from "../../src/core/credential.ts";
import { Secret } from "../../src/core/secret.ts";
import type { Value } from "../../src/core/target.ts";
import { nextValues, readAll } from "../../src/core/values.ts";

const values: Readonly<Record<string, Value>> = {
  URL: { template: "pg://{{username}}:{{password|url}}@db/shop" },
  app_a: { template: "{{scram}}", only: { username: "app_a" } },
  app_b: { template: "{{scram}}", only: { username: "app_b" } },
};
const fields = { username: "public", password: "secret", scram: "secret" } as const;
const plan = { publishes: [{ kind: "file", entry: {}, label: "file /x", values }] };

describe("keys that are written for one credential only", () => {
  it("take the new value where it is theirs, and keep what stands there where it is not", () => {
    expect(
      shown(nextValues(plan, 0, texts({ URL: url("app_a", "p1"), app_a: "v1", app_b: "v0" }), credential("app_b"))),
    ).toEqual({
      URL: url("app_b", "p2"),
      app_a: "v1",
      app_b: "v2",
    });
  });

  it("stay absent where they are not its own, and are made where they are", () => {
    expect(shown(nextValues(plan, 0, {}, credential("app_b")))).toEqual({ URL: url("app_b", "p2"), app_b: "v2" });
  });

  it("take the place of an empty text", () => {
    expect(shown(nextValues(plan, 0, texts({ app_b: "" }), credential("app_b")))).toMatchObject({ app_b: "v2" });
  });

  it.each([{}, { app_a: "v1" }, { app_a: "v1", app_b: "v0" }])(
    "are neither missing nor a proof when the current credential is read back: %j",
    (more) => {
      const read = readAll({ ...plan, rotator }, [texts({ URL: url("app_a", "p1"), ...more })]);

      expect(read !== undefined && "public" in read ? [read.public, shown(read.secret)] : read).toEqual([
        { username: "app_a" },
        { password: "p1" },
      ]);
      expect(readAll({ ...plan, rotator }, [texts(more)])).toBeUndefined();
    },
  );
});

const rotator = {
  kind: "postgres-role",
  entry: {},
  overlap: "dual",
  origin: "proposed",
  triedAt: "issuer",
  usage: "sessions",
  disable: true,
  refusals: false,
  closeSession: true,
  issueWithinMs: 0,
  deadWithinMs: 0,
  fields,
  words: { issue: "", retire: "", proof: "" },
} as const;

function credential(username: string): Credential {
  return {
    ref: { principal: username, generation: "r1" },
    public: { username },
    secret: { password: new Secret("p2"), scram: new Secret("v2") },
  };
}

function url(username: string, password: string): string {
  return `pg://${username}:${password}@db/shop`;
}

function texts(plain: Readonly<Record<string, string>>): Readonly<Record<string, Secret>> {
  return Object.fromEntries(Object.entries(plain).map(([key, text]) => [key, new Secret(text)]));
}

function shown(secrets: Readonly<Record<string, Secret>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(secrets).map(([key, secret]) => [key, secret.reveal()]));
}
