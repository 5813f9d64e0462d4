import type { Secret } from "./secret.ts";

/** Something preflight has to say. `error` stops the request; `command` is the exact text that mends it, ready to paste. */
export type Finding = {
  readonly severity: "error" | "warning" | "info";
  readonly code: string;
  readonly sentence: string;
  readonly hint?: string;
  readonly command?: string;
  /** The principal that a new credential needs is in use: an open rotation of this target may be what uses it. */
  readonly vacancy?: true;
  /** It could not be looked at just now, and may be a moment later. */
  readonly passing?: true;
};

/**
 * Who is acting, and whether it still may.
 *
 * `name` ("keyturn:<rotationId>:<epoch>") is what an administrative session is called at the issuer (application_name,
 * CLIENT SETNAME), so that the next lease holder can find and close it. `guard` throws `LeaseLost` when less lease is left,
 * on the monotonic clock, than `timeoutMs` (default: the time-out of one command, 10 s).
 */
export type Session = {
  readonly rotationId: string;
  readonly epoch: number;
  readonly name: string;
  readonly guard: (timeoutMs?: number) => void;
};

/** What every adapter is opened with. `resolve` reads a reference such as `env:NAME` or `file:/run/secrets/x`, at each call afresh. */
export type Context = {
  readonly session: Session;
  readonly signal: AbortSignal;
  readonly resolve: (reference: string) => Promise<Secret>;
};

/** Plain JSON that the journal keeps between `baseline` and `run`. No secrets. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * How an entry names a connection of the catalog: the text at the path `at` begins with its name and a slash, or is absent.
 * `also`: further paths whose texts name the same one; `*` in a path stands for each item of a list.
 * `bind` then finds the connection's own entry under the key `connection`, which nobody may write by hand.
 */
export type Connects = {
  readonly kind: string;
  readonly at: readonly string[];
  readonly also?: readonly (readonly string[])[];
};
