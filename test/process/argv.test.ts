import { describe, expect, it } from "vitest";
import { Argv, Env, LogArgv } from "../../src/process/argv.ts";

describe("a command in a catalog", () => {
  it.each(["env:TOKEN", "file:/run/secrets/x", "{{password}}", "--password={{password}}", "a{{since}}"])(
    "may not have the reference or template %s in its arguments or environment",
    (word) => {
      expect(Argv.safeParse(["/bin/x", word]).success).toBe(false);
      expect(Env.safeParse({ NAME: word }).success).toBe(false);
    },
  );

  it.each(["plain", "environment: x", "file:///srv/x", "-f=file:x", "{single}"])("may have the word %s", (word) => {
    expect(Argv.parse(["/bin/x", word])).toEqual(["/bin/x", word]);
  });

  it("may have the time from which lines are wanted, where it prints a log, and nothing else of that kind", () => {
    expect(LogArgv.safeParse(["/bin/x", "--since=@{{since.seconds}}", "{{since}}"]).success).toBe(true);
    expect(LogArgv.safeParse(["/bin/x", "{{since}}{{password}}"]).success).toBe(false);
    expect(LogArgv.safeParse(["/bin/x", "env:TOKEN"]).success).toBe(false);
  });
});
