import { z } from "zod";
import type { CheckKind, Verdict } from "../../core/ports.ts";
import { Config } from "./config.ts";
import { type Look, look } from "./look.ts";

const Baseline = z.object({ failed: z.array(z.string()) });

/**
 * Asks a URL and compares status and JSON. Red is what was not as expected and was as expected before; a part that was red
 * at the baseline stays a warning. Nobody answering is no verdict: it throws.
 */
export function httpCheck(): CheckKind {
  return {
    kind: "http",
    config: Config,
    bind: (entry) => {
      const config = Config.parse(entry);
      const { origin, pathname } = new URL(config.url);
      return {
        shape: { label: `http ${config.method} ${origin}${pathname}`, settleMs: config.settle },
        open: ({ signal }) =>
          Promise.resolve({
            baseline: async (scope) => {
              const { failed, summary } = await look(config, scope, signal);
              return { ok: failed.length === 0, summary, failed };
            },
            run: async (baseline, scope) => judge(await look(config, scope, signal), failedBefore(baseline)),
            close: () => Promise.resolve(),
          }),
      };
    },
  };
}

function judge({ failed, summary }: Look, before: readonly string[]): Verdict {
  const evidence = { failed, before };
  if (failed.length === 0) return { ok: true, summary, evidence };
  if (failed.every((part) => before.includes(part))) {
    return {
      ok: false,
      warning: true,
      summary: `${summary} (red before the rotation: ${failed.join(", ")})`,
      evidence,
    };
  }
  return { ok: false, summary: `${summary} (not as expected: ${failed.join(", ")})`, evidence };
}

function failedBefore(baseline: unknown): readonly string[] {
  const parsed = Baseline.safeParse(baseline);
  return parsed.success ? parsed.data.failed : [];
}
