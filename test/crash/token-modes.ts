import type { TokenWorld } from "../../sandbox/world/token-world.ts";

export const tokenModes = ["signing-key accept-first", "shared-key single"] as const;
/** The other mode of each. */
export const otherTokenModes = ["signing-key all-out", "shared-key previous"] as const;
export type TokenMode = (typeof tokenModes)[number] | (typeof otherTokenModes)[number];

/** How one mode is told to the catalog and seen from outside. */
export type TokenTarget = {
  readonly overlap: "accept-first" | "single";
  /** As the rotator calls it in the journal. */
  readonly kind: "signing-key" | "shared-key";
  readonly what: "tokens" | "calls";
  readonly variable: string;
  readonly rotator: object;
  readonly values: Readonly<Record<string, string>>;
  /** How many people use tokens; default: what the traffic has. */
  readonly users?: number;
  /** How long after a cut somebody may still come with what was made before it, ms. Default 0. */
  readonly afterCutMs?: number;
};

/** The longest that calls may be refused where there is one key only; people read it before they approve. */
export const announcedCutMs = 180_000;

/** As long as a front of a service lets a request wait for its instance. */
const frontPatienceMs = 5_000;

/** `at`: the addresses of all instances, by path, as Keyturn reaches them. */
export function targetOf(
  mode: TokenMode,
  { variables, tokenLifeMs, issuer }: TokenWorld,
  at: (path: string) => readonly string[],
): TokenTarget {
  switch (mode) {
    case "signing-key accept-first":
      return {
        overlap: "accept-first",
        kind: "signing-key",
        what: "tokens",
        variable: variables.secret,
        rotator: {
          kind: "signing-key",
          name: "tokens",
          maxTokenLife: `${tokenLifeMs}ms`,
          clockSkew: "200ms",
          accept: [{ urls: at("/canary") }],
          sign: [{ urls: at("/login"), body: { user: "smoke" }, token: "$.token" }],
        },
        values: { [variables.secret]: "{{key}}", [variables.previous]: "{{accepted.key}}" },
      };
    case "signing-key all-out":
      return {
        overlap: "single",
        kind: "signing-key",
        what: "tokens",
        variable: variables.secret,
        rotator: {
          kind: "signing-key",
          name: "tokens",
          mode: "all-out",
          restart: `${announcedCutMs}ms`,
          clockSkew: "200ms",
          accept: [{ urls: at("/canary") }],
        },
        values: { [variables.secret]: "{{key}}" },
        // Few, so that each finds out soon that they have to log in again.
        users: 3,
        afterCutMs: tokenLifeMs + frontPatienceMs,
      };
    case "shared-key previous":
      return {
        overlap: "accept-first",
        kind: "shared-key",
        what: "calls",
        variable: variables.internal,
        rotator: {
          kind: "shared-key",
          name: "service key",
          inFlight: "1s",
          accept: [{ urls: at("/internal-canary") }],
          send: [
            {
              urls: at("/call"),
              body: { url: `${issuer.instances[0]?.url ?? ""}/internal-canary` },
              status: "$.status",
              shows: "$.keyId",
            },
          ],
        },
        values: { [variables.internal]: "{{key}}", [variables.internalPrevious]: "{{accepted.key}}" },
      };
    case "shared-key single":
      return {
        overlap: "single",
        kind: "shared-key",
        what: "calls",
        variable: variables.internal,
        rotator: {
          kind: "shared-key",
          name: "service key",
          mode: "single",
          restart: `${announcedCutMs}ms`,
          accept: [{ urls: at("/internal-canary") }],
        },
        values: { [variables.internal]: "{{key}}" },
      };
  }
}
