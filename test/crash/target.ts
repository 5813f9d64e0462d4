import type { Ref } from "../../src/core/credential.ts";

/** What of a rotation is looked at from outside the program, at the issuer and in the file. */
export type AtIssuer = {
  /** Principals that can log in now. */
  readonly live: readonly string[];
  /** Passwords that are set, over all principals of the target. */
  readonly passwords: number;
};

/** What lanes of every kind say of their credential, so that a rotation of it can be judged. */
export type Judged = {
  readonly overlap: "dual" | "single" | "accept-first";
  /** The last step after which there is a whole way back, where its overlap does not say it. */
  readonly turnAfter?: string;
  /** Names that differ from target to target, for texts that are compared. */
  readonly names: readonly string[];
  readonly look: () => Promise<AtIssuer>;
  /** Whether what was published is accepted: a login, or a key by every instance. */
  readonly accepts: (value: string) => Promise<boolean>;
  /** What tells two credentials apart, in a published value and in the ref of one. Default: the user of a URL, and the principal. */
  readonly ids?: {
    readonly inValue: (value: string) => string | Promise<string>;
    readonly inRef: (ref: Ref) => string;
  };
};

/** One credential at a real server, as the crash tests rotate it. */
export type Target = Judged & {
  readonly kind: "postgres" | "redis";
  readonly overlap: "dual" | "single";
  /** The catalog's `rotator:` entry, which reaches the server through the proxy. */
  readonly rotator: Readonly<Record<string, unknown>>;
  readonly template: string;
  readonly firstUrl: string;
  readonly adminPassword: string;
};
