import { z } from "zod";

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ name: z.string(), status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/**
 * Counts vitest's tests from its exit code and JSON report (undefined: none was written). What the report does not
 * count as a failed test is added as one: a file that could not be loaded, an error outside of tests, no test at all.
 */
export function tally(
  exitCode: number,
  json: string | undefined,
): { passed: number; failed: number; skipped: number; problems: readonly string[] } {
  const parsed = report.safeParse(json === undefined ? undefined : parseJson(json));
  if (!parsed.success) return { passed: 0, failed: 1, skipped: 0, problems: ["vitest left no report"] };
  const { numPassedTests: passed, numPendingTests, numTodoTests, numFailedTests, testResults } = parsed.data;
  const unloaded = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const problems = unloaded.map((file) => `could not be loaded: ${file.name}`);
  if (passed + numFailedTests === 0) problems.push("no test ran");
  if (exitCode !== 0 && numFailedTests + problems.length === 0) problems.push(`vitest ended with code ${exitCode}`);
  return { passed, failed: numFailedTests + problems.length, skipped: numPendingTests + numTodoTests, problems };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
