import { RE2JS } from "re2js";
import type { CheckKind, CheckScope } from "../../core/ports.ts";
import type { Runner } from "../../process/run.ts";
import { Config } from "./config.ts";
import { Baseline, judge, measure, type Rule } from "./judge.ts";
import { readSources, type Source } from "./source.ts";

/** `logFolders`: where log files may lie; absolute paths, links followed. */
export type LogsSettings = { readonly runner: Runner; readonly logFolders: readonly string[] };

/** Looks for lines that match a pattern and compares with how it was before. Logs that cannot be read whole throw. */
export function logsCheck({ runner, logFolders }: LogsSettings): CheckKind {
  return {
    kind: "logs",
    config: Config,
    bind: (entry) => {
      const config = Config.parse(entry);
      const rule = ruleOf(config);
      const whose = [
        ...(config.of === undefined ? [] : [config.of]),
        ...config.files,
        ...config.commands.map(([a]) => a),
      ];
      return {
        shape: { label: `logs of ${whose.join(", ")}`, settleMs: config.settle ?? config.window },
        open: ({ signal }) => {
          const read = (scope: CheckScope, fromMs: number): Promise<readonly Source[]> =>
            readSources(config, scope, new Date(fromMs).toISOString(), {
              run: runner.run,
              folders: logFolders,
              signal,
            });
          return Promise.resolve({
            baseline: async (scope) => {
              const before = measure(await read(scope, Date.parse(scope.now) - config.window), rule);
              const summary = `${before.perMinute.toFixed(1)} matching log lines per minute and instance`;
              return { ok: true, summary, ...before };
            },
            run: async (baseline, scope) => {
              const from = Math.max(Date.parse(scope.since), Date.parse(scope.now) - config.window);
              return judge(await read(scope, from), Baseline.parse(baseline), rule);
            },
            close: () => Promise.resolve(),
          });
        },
      };
    },
  };
}

/** RE2 takes time that grows with the text only, whatever pattern a catalog has. */
function ruleOf({ pattern, window, floor }: Config): Rule {
  const compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  return { matches: (text) => compiled.matcher(text).find(), windowMs: window, floor };
}
