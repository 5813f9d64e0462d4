import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseWords } from "../../src/handlers/parse.ts";
import { looksSecret } from "../../src/handlers/secret-like.ts";
import { chooseTarget } from "../../src/handlers/target-words.ts";

describe("what was typed", () => {
  it.each([
    ["redis prod", { kind: "rotate", words: ["redis", "prod"], leaked: false, because: "" }],
    ["rotate redis prod", { kind: "rotate", words: ["redis", "prod"], via: undefined }],
    ["leaked redis prod", { kind: "rotate", words: ["redis", "prod"], leaked: true }],
    ["jwt prod release", { kind: "rotate", words: ["jwt", "prod"], release: true, leaked: false }],
    ["redis leaked prod", { kind: "rotate", words: ["redis", "prod"], leaked: true }],
    [
      "Redis Prod LEAKED, because: it was in a log",
      { kind: "rotate", words: ["Redis", "Prod"], leaked: true, because: "it was in a log" },
    ],
    ["redis prod because it may have leaked", { kind: "rotate", leaked: false, because: "it may have leaked" }],
    ["“redis” ‘prod’ because it’s old — 90 days", { words: ["redis", "prod"], because: "it's old - 90 days" }],
    ["redis prod via <!subteam^S1|@platform-leads>", { words: ["redis", "prod"], via: "@platform-leads" }],
    [
      "plan redis prod via @platform-leads, leaked because @lin is away",
      { kind: "plan", words: ["redis", "prod"], leaked: true, via: "@platform-leads", because: "@lin is away" },
    ],
    ["redis prod via", { kind: "unclear" }],
    ["redis prod vai @platform-leads", { kind: "unclear", nearest: ["via"] }],
    ["plan redis prod leaked", { kind: "plan", words: ["redis", "prod"], leaked: true }],
    [
      "<@U0KEYTURN> hold r4f1c because a &lt;release&gt; for <@U1|ada> &amp; <#C1|ops>",
      { kind: "press", verb: "hold", what: "r4f1c", because: "a <release> for @ada & #ops" },
    ],
    ["roll back redis prod", { kind: "press", verb: "roll-back", what: "redis prod" }],
    ["rollback", { kind: "press", verb: "roll-back", what: undefined }],
    ["look again r4f1c", { kind: "press", verb: "look-again", what: "r4f1c" }],
    ["extend grace 90m r4f1c", { kind: "press", verb: "extend-grace", what: "r4f1c", ms: 5_400_000 }],
    ["list prod", { kind: "list", environment: "prod" }],
    ["status", { kind: "status", what: undefined }],
    ["", { kind: "help" }],
    ["leaked", { kind: "help" }],
    ["redis prod becuase it is old", { kind: "unclear", nearest: ["because"] }],
    ["redis prod now please", { kind: "unclear", nearest: [] }],
    ["pln redis prod", { kind: "unclear", nearest: ["plan"] }],
  ])("%j is understood", (text, asked) => {
    expect(parseWords(text)).toMatchObject(asked);
  });

  it("is parsed without an error whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => typeof parseWords(text).kind === "string"),
      { numRuns: 2_000 },
    );
  });
});

describe("what looks like a secret", () => {
  it.each([
    "xoxb-1234-abcd",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnop0123",
    "postgres://app:hunter2@db/app",
    "password=hunter2",
    "Password: hunter22",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
    "-----BEGIN PRIVATE KEY-----",
    "k9Xw2mQ7pL4vR8tZ",
    "3f9a1c5577aa3f9a1c5577aa",
    "dGhpcyBpcyBhIHNlY3JldCBrZXk0Mg==",
    "sk-proj-abcdefghijklmnop",
    "a (k9Xw2mQ7pL4vR8tZ) b",
  ])("%s is one", (text) => {
    expect(looksSecret(`redis prod because ${text}`)).toBe(true);
  });

  it.each([
    "it stood in ticket 4812 since Monday",
    "truload-backend-7d9f8c6b5d-x2x7p restarted",
    "r4f1c09ab21",
    "https://status.example.com/incidents/2026-11-21",
    "prod/truload/deployment/truload-backend",
    "REDIS__CONNECTIONSTRING",
    "550e8400-e29b-41d4-a716-446655440000",
    "2026-11-21T09:12:00Z",
    "internationalization",
    "KubernetesSecretStore",
    "@platform-leads",
    "3f9a1c5",
  ])("%s is none", (text) => {
    expect(looksSecret(text)).toBe(false);
  });

  it("is any password that a generator made, of 20 letters and digits", () => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".split("");
    let missed = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...letters), { minLength: 20, maxLength: 64 }), (picked) => {
        missed += new Set(picked).size > 8 && /\d/.test(picked.join("")) && !looksSecret(picked.join("")) ? 1 : 0;
      }),
      { numRuns: 2_000 },
    );
    expect(missed).toBeLessThan(20);
  });
});

describe("a target by its words", () => {
  const targets = [
    { secret: "redis", environment: "prod" },
    { secret: "postgres", environment: "prod" },
  ];

  it("is found in either order and any case", () => {
    expect(chooseTarget(targets, ["PROD", "Redis"])).toEqual({ target: { secret: "redis", environment: "prod" } });
  });

  it.each([
    ["lisst", "list"],
    ["statsu", "status"],
    ["halp", "help"],
    ["cancle r12", "cancel"],
    ["hodl r12", "hold"],
    ["rollbck r12", "rollback"],
  ])("that is a mistyped command gets its name: %s", (typed, meant) => {
    expect(chooseTarget(targets, typed.split(" "))).toMatchObject({ refusal: { nearest: [meant] } });
  });

  it("that does not exist gets the nearest names", () => {
    expect(chooseTarget(targets, ["redsi", "prod"])).toMatchObject({ refusal: { nearest: ["redis prod"] } });
    expect(chooseTarget(targets, ["redis", "moon"])).toMatchObject({ refusal: { nearest: ["redis prod"] } });
    expect(chooseTarget(targets, ["redis"])).toMatchObject({
      refusal: { code: "no_environment", nearest: ["redis prod"] },
    });
  });
});
