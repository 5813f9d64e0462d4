import type { Trial } from "../../core/ports.ts";

/**
 * What one instance says. `at`: its own clock, from the answer's Date header, to the second. `of`: it may be any of several behind
 * one address. `beside`: instances that were left out, in words.
 */
export type Seen = {
  readonly instance: string;
  readonly trial: Trial;
  readonly at?: Date;
  readonly of?: "address";
  readonly beside?: string;
};

/** An instance that could not be asked. */
export function silent(instance: string, code: string, sentence: string): Seen {
  return { instance, trial: { verdict: "unknown", code, sentence: `${instance}: ${sentence}` } };
}
