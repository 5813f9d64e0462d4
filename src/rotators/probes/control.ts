import type { Finding } from "../../core/ports.ts";
import type { Seen } from "./seen.ts";

/**
 * What preflight says after every instance was shown something that nobody may accept, made like the real thing. `hasCurrent`: an
 * instance without any key yet may answer as it likes.
 */
export function controlFindings(seen: readonly Seen[], what: string, hasCurrent: boolean): readonly Finding[] {
  return seen.flatMap(({ instance, trial }): readonly Finding[] => {
    if (trial.verdict === "refused") return [];
    if (trial.verdict === "accepted") {
      const sentence = `${instance} accepts ${what} that nobody has: its answer proves nothing`;
      return [
        { severity: "error", code: "accepts_anything", sentence, hint: "ask for something that needs to be let in" },
      ];
    }
    const { code, sentence } = trial;
    const severity = hasCurrent || code !== "unclear_answer" ? "error" : "warning";
    return [
      { severity, code, sentence, hint: "each instance must answer by itself, and refuse in the way the catalog says" },
    ];
  });
}
