import { describe, expect, it } from "vitest";
import { tally } from "../../scripts/tally.ts";

type File = { name: string; status: string; assertionResults: unknown[] };

function report(passed: number, failed: number, skipped: number, todo: number, files: readonly File[] = []): string {
  return JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: todo,
    testResults: files,
  });
}

describe("the tally of a test run", () => {
  it("counts passed, failed, and skipped together with todo", () => {
    expect(tally(0, report(5, 0, 2, 1))).toMatchObject({ passed: 5, failed: 0, skipped: 3 });
    expect(tally(1, report(5, 2, 0, 0))).toMatchObject({ passed: 5, failed: 2, skipped: 0 });
  });

  it("counts a file that could not be loaded as a failure", () => {
    const files = [
      { name: "good.test.ts", status: "passed", assertionResults: [{}] },
      { name: "bad.test.ts", status: "failed", assertionResults: [] },
    ];
    const result = tally(1, report(5, 0, 0, 0, files));
    expect(result).toMatchObject({ passed: 5, failed: 1, problems: ["could not be loaded: bad.test.ts"] });
  });

  it("fails when no test ran, also when vitest is content", () => {
    expect(tally(0, report(0, 0, 7, 0))).toMatchObject({ failed: 1, skipped: 7, problems: ["no test ran"] });
  });

  it("fails when vitest failed for another reason than a test", () => {
    expect(tally(1, report(5, 0, 0, 0))).toMatchObject({ failed: 1, problems: ["vitest ended with code 1"] });
  });

  it.each([undefined, "", "{}", "not json"])("fails when the report is %j", (json) => {
    expect(tally(0, json)).toMatchObject({ passed: 0, failed: 1, problems: ["vitest left no report"] });
  });
});
