import type { TokenWorld } from "../../sandbox/world/token-world.ts";

export const tokenModes = ["signing-key accept-first", "shared-key single"] as const;
export type TokenMode = (typeof tokenModes)[number];

/** How one mode is told to the catalog and seen from outside. */
export type TokenTarget = {
  readonly overlap: "accept-first" | "single";
  /** As the rotator calls it in the journal. */
  readonly kind: "signing-key" | "shared-key";
  readonly what: "tokens" | "calls";
  readonly variable: string;
  readonly rotator: object;
  readonly values: Readonly<Record<string, string>>;
};

/** The longest that calls may be refused where there is one key only; people read it before they approve. */
export const announcedCutMs = 180_000;

/** `at`: the addresses of all instances, by path, as Keyturn reaches them. */
export function targetOf(
  mode: TokenMode,
  { variables, tokenLifeMs }: TokenWorld,
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
