import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { KeyturnError } from "../../core/errors.ts";
import type { CheckKind, Trial } from "../../core/ports.ts";

/** An entry under `checks:` of a target. */
const Config = z.strictObject({ kind: z.literal("login"), settle: Duration.default(0) });

/** Logs in with the credential that consumers should use, by the rotator. An answer that is neither yes nor no throws. */
export function loginCheck(): CheckKind {
  return {
    kind: "login",
    config: Config,
    bind: (entry) => {
      const { settle } = Config.parse(entry);
      return {
        shape: { label: "login", settleMs: settle },
        open: ({ signal }) =>
          Promise.resolve({
            baseline: async (scope) => {
              signal.throwIfAborted();
              const trial = known(await scope.login());
              return { ok: trial.verdict === "accepted", summary: told(trial) };
            },
            run: async (_, scope) => {
              signal.throwIfAborted();
              const trial = known(await scope.login());
              const evidence = trial.verdict === "accepted" ? { ms: trial.ms } : { code: trial.code };
              return { ok: trial.verdict === "accepted", summary: told(trial), evidence };
            },
            close: () => Promise.resolve(),
          }),
      };
    },
  };
}

type Known = Exclude<Trial, { readonly verdict: "unknown" }>;

function known(trial: Trial): Known {
  if (trial.verdict !== "unknown") return trial;
  throw new KeyturnError("login_unknown", `the login was neither accepted nor refused: ${trial.sentence}`);
}

function told(trial: Known): string {
  return trial.verdict === "accepted" ? `login accepted (${Math.round(trial.ms)} ms)` : `login refused (${trial.code})`;
}
