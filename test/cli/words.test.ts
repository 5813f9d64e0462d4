import { describe, expect, it } from "vitest";
import { keyturn } from "./command-line.ts";

describe("the command line", () => {
  it.each<[readonly string[], string]>([
    [["chekc", "catalog.yaml"], 'there is no command "chekc"; did you mean "check"?'],
    [["roll-back", "r1"], 'there is no command "roll-back"; did you mean "rollback"?'],
    [["stats"], 'did you mean "status"?'],
    [["toString"], 'there is no command "toString"'],
    [["frobnicate"], "there are check, plan, adopt, start, status, hold, rollback, audit"],
    [["plan", "redis", "prod", "--liv"], "there is no option --liv; did you mean --live?"],
    [["plan", "redis"], "usage: keyturn plan SECRET ENVIRONMENT"],
    [["plan", "redis", "prod", "--catalog"], "--catalog needs a value"],
    [["plan", "redis", "prod"], "there is no catalog"],
    [["hold"], "usage: keyturn hold ID"],
    [["rollback", "r1", "r2"], '"r2" is one word too many'],
    [["audit", "verify", "--expect"], "--expect needs a value"],
    [["audit", "verify", "--expect", "yes"], "12 to 64 hexadecimal digits"],
    [["audit", "rewrite"], "usage: keyturn audit verify"],
    [["check"], "usage: keyturn check FILE"],
  ])("does not guess at %j: it says what was probably meant, and ends with 2", async (args, part) => {
    const { code, out, err } = await keyturn(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(part);
  });

  it.each([[[]], [["help"]], [["--help"]], [["rollback", "--help"]]])("helps when asked with %j", async (args) => {
    const { code, out, err } = await keyturn(args);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("keyturn rollback ID");
  });

  it("names everything that is missing at once when it needs the bot's state", async () => {
    const { code, err } = await keyturn(["status"]);
    expect(code).toBe(1);
    expect(err).toContain("there is no seal key");
    expect(err).toContain("KEYTURN_DATA is not set");
    expect(err).not.toMatch(/SLACK|xoxb/);
  });
});
