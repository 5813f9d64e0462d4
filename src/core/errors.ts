/** What a person needs to go on: a stable code, what happened, and what to do about it. None of them may hold a secret. */
export type Explanation = { readonly code: string; readonly sentence: string; readonly hint?: string };

type Options = { readonly hint?: string | undefined; readonly cause?: unknown };

/** An error with a code that documentation and tests can name. The message is the sentence; the hint is the next step. */
export class KeyturnError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, sentence: string, options: Options = {}) {
    super(sentence, { cause: options.cause });
    this.name = "KeyturnError";
    this.code = code;
    this.hint = options.hint;
  }
}

/** Theirs, and passing: the engine runs the same step again after `afterMs` (its own back-off when absent). */
export class TryLater extends KeyturnError {
  readonly afterMs: number | undefined;

  constructor(code: string, sentence: string, options: Options & { readonly afterMs?: number } = {}) {
    super(code, sentence, options);
    this.name = "TryLater";
    this.afterMs = options.afterMs;
  }
}

/** Final: trying again cannot help. The engine goes back where a way back exists, else it blocks and shows this. */
export class GiveUp extends KeyturnError {
  constructor(code: string, sentence: string, options: Options = {}) {
    super(code, sentence, options);
    this.name = "GiveUp";
  }
}

/**
 * A compare-and-set found another version than the one it was given, and wrote nothing. The engine reads again and
 * decides anew: an edit of a neighbour's key is merged, an edit of ours names the other writer.
 */
export class LostRace extends KeyturnError {
  constructor(sentence: string, options: Options = {}) {
    super("lost_race", sentence, options);
    this.name = "LostRace";
  }
}

/** The lease is too short or gone. Nothing was sent; whoever holds the lease now goes on from the journal. */
export class LeaseLost extends KeyturnError {
  constructor(sentence = "another worker holds this rotation now") {
    super("lease_lost", sentence);
    this.name = "LeaseLost";
  }
}

/** Turns anything thrown into an explanation. An unknown error keeps its text only after the caller redacted it. */
export function explain(error: unknown): Explanation {
  if (error instanceof KeyturnError) {
    return error.hint === undefined
      ? { code: error.code, sentence: error.message }
      : { code: error.code, sentence: error.message, hint: error.hint };
  }
  return {
    code: "unexpected",
    sentence: error instanceof Error ? error.message : "something failed without saying what",
  };
}
