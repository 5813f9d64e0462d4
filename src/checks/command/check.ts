import { RE2JS } from "re2js";
import type { CheckKind, CheckScope, Verdict } from "../../core/ports.ts";
import { signatureOf } from "../../core/signature.ts";
import type { Ran, Runner } from "../../process/run.ts";
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
          const look = async ({ resolve }: CheckScope): Promise<Verdict> => {
            const stdin = config.stdin === undefined ? undefined : (await resolve(config.stdin)).reveal();
            const { argv, env, timeout: timeoutMs } = config;
            return judge(config, await runner.run({ argv, env, stdin, timeoutMs }, signal));
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

function judge(config: Config, { code, signal, stdout, stderr }: Ran): Verdict {
  const matched = config.match === undefined || RE2JS.compile(config.match).matcher(stdout).find();
  const ok = code === config.code && matched;
  const ended = `ended with ${signal ?? code ?? "no code"}`;
  const last = signatureOf((stderr.trim() === "" ? stdout : stderr).trim().split("\n").at(-1) ?? "");
  const why = [ended, ...(matched ? [] : ["its output does not match"]), ...(ok || last === "" ? [] : [last])];
  return { ok, summary: why.join(", "), evidence: { code, matched } };
}

function wasGreen(baseline: unknown): boolean {
  return !(typeof baseline === "object" && baseline !== null && "ok" in baseline && baseline.ok === false);
}
