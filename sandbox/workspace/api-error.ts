import type { JsonObject } from "./json.ts";

/** A refusal of the Web API: `{ ok: false, error: code, ...details }`. */
export class ApiError extends Error {
  readonly code: string;
  readonly details: JsonObject;

  constructor(code: string, details: JsonObject = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** `invalid_blocks` and its like: one sentence with a JSON pointer for each thing that is wrong. */
export function problemsError(code: string, problems: readonly string[]): ApiError {
  return new ApiError(code, {
    errors: [...problems],
    response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
  });
}
