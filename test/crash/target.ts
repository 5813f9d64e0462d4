/** What of a rotation is looked at from outside the program, at the issuer and in the file. */
export type AtIssuer = {
  /** Principals that can log in now. */
  readonly live: readonly string[];
  /** Passwords that are set, over all principals of the target. */
  readonly passwords: number;
};

/** One credential at a real server, as the crash tests rotate it. */
export type Target = {
  readonly kind: "postgres" | "redis";
  readonly overlap: "dual" | "single";
  /** The catalog's `rotator:` entry, which reaches the server through the proxy. */
  readonly rotator: Readonly<Record<string, unknown>>;
  readonly template: string;
  readonly firstUrl: string;
  readonly adminPassword: string;
  /** Names that differ from target to target, for texts that are compared. */
  readonly names: readonly string[];
  readonly look: () => Promise<AtIssuer>;
  /** Whether this login is accepted. */
  readonly accepts: (url: string) => Promise<boolean>;
};
