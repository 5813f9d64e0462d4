import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signatureOf } from "../../src/core/signature.ts";

const canary = "c4nary-Zq9+x/Kp2=Lw7";

describe("signatureOf", () => {
  it.each([
    ['FATAL:  password authentication failed for user "app_a"', "FATAL: password authentication failed for user ~"],
    [
      "2026-11-21 09:12:33.120 UTC [1234] FATAL:  role is not permitted to log in",
      "N [N] FATAL: role is not permitted to log in",
    ],
    [
      "ReplyError: WRONGPASS invalid username-password pair or user is disabled.",
      "ReplyError: WRONGPASS invalid username-password pair or user is disabled.",
    ],
    ["GET https://a:b@host/x?token=1 answered 401", "GET ~ answered N"],
    ["connect ECONNREFUSED 10.0.3.7:5432 after 1500 ms", "connect ECONNREFUSED ~ after N ms"],
    ["unauthorized: token expired", "unauthorized: ~ expired"],
    ["SQLSTATE 28P01 from mail@example.org", "SQLSTATE 28P01 from ~"],
    [
      '{"level":50,"time":1763716353000,"msg":"login failed for bob-123456","password":"x"}',
      "N login failed for bob-N",
    ],
    [
      "java.sql.SQLException: connection closed in AuthenticationProvider",
      "java.sql.SQLException: connection closed in AuthenticationProvider",
    ],
  ])("reads %s as %s", (line, signature) => {
    expect(signatureOf(line)).toBe(signature);
  });

  it.each([
    `password=${canary}`,
    `password = ${canary}`,
    `password: ${canary}`,
    `error: ${canary}`,
    `login with ${canary} failed`,
    `Authorization: Bearer ${canary}`,
    `postgres://app:${canary}@db/app`,
    `redis:6379,user=app,password=${canary},ssl=true`,
    `'${canary}' was refused`,
    `"it is ${canary}`,
    `{"msg":"refused ${canary}","password":"${canary}"}`,
    `{"password":"${canary}"`,
    `${"x ".repeat(480)} password='${canary}${canary}`,
    `\u001b[31mtoken\u001b[0m ${canary}`,
    `pin: hunter2`,
    `secret hunter2`,
    `OTHER_PASSWORD=two words and hunter2 Lw7`,
    `export DB_URL=Host=db; Password=${canary} Lw7`,
  ])("shows no secret of %s", (line) => {
    const signature = signatureOf(line);

    for (const part of [canary, "c4nary", "Zq9", "Kp2", "Lw7", "hunter2"]) expect(signature).not.toContain(part);
  });

  it("gives two lines that differ in ids, times and counts one signature", () => {
    const [a, b] = [
      "2026-11-21T09:12:33Z request 17 of 8f14e45fceea167a denied",
      "2026-11-22T10:00:01Z request 9 of c9f0f895fb98ab91 denied",
    ];

    expect(signatureOf(a ?? "")).toBe(signatureOf(b ?? ""));
  });

  it("is one plain line of at most 200 characters, whatever the line holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2_000 }), (line) => {
        expect(signatureOf(line)).toMatch(/^[\x20-\x7e]{0,200}$/);
      }),
    );
  });

  it("shows no generated password that stands anywhere in a line", () => {
    const password = fc.stringMatching(/^[A-Za-z0-9_-]{24,60}$/);
    const around = fc.constantFrom(
      "pass %",
      "pass=%",
      "pass: %",
      "(%)",
      "[%]",
      "<%>",
      "%,",
      "{%}",
      "a %.",
      "u:%@h",
      "%",
    );
    fc.assert(
      fc.property(password, around, (value, line) => {
        expect(signatureOf(line.replace("%", () => value))).not.toContain(value.slice(0, 12));
      }),
    );
  });
});
