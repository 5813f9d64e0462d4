import type { CheckKind, CheckScope, Verdict } from "../../core/ports.ts";
import type { Runner } from "../../process/run.ts";
import { endOf } from "../program.ts";
import { Config } from "./config.ts";

/** Runs a command and compares its exit code, and its output with a pattern. A command that cannot be run throws. */
export function commandCheck({ runner }: { readonly runner: Runner }): CheckKind {
  return {
    kind: "command",
    config: Config,
    bind: (entry) => {
      const config = Config.parse(entry);
      const label = `command ${config.name ?? config.argv.join(" ")}`;
      return {
        shape: { label, settleMs: config.settle },
        open: ({ signal }) => {
          const look = async ({ resolve, expected }: CheckScope): Promise<Verdict> => {
            const stdin = config.stdin === undefined ? undefined : (await resolve(config.stdin)).reveal();
            const { argv, env, timeout: timeoutMs } = config;
            const ran = await runner.run({ argv, env, stdin, timeoutMs }, signal);
            const { failed, summary } = endOf(ran, config, Object.values(expected?.values ?? {}));
            return {
              ok: failed.length === 0,
              summary,
              evidence: { code: ran.code, matched: !failed.includes("match") },
            };
          };
          return Promise.resolve({
            baseline: async (scope) => {
              const { ok, summary } = await look(scope);
              return { ok, summary };
            },
            run: async (baseline, scope) => {
              const verdict = await look(scope);
              return verdict.ok || wasGreen(baseline) ? verdict : { ...verdict, warning: true };
            },
            close: () => Promise.resolve(),
          });
        },
      };
    },
  };
}

function wasGreen(baseline: unknown): boolean {
  return !(typeof baseline === "object" && baseline !== null && "ok" in baseline && baseline.ok === false);
}
