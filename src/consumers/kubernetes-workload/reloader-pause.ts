import type { Workload } from "./objects.ts";

const domain = "deployment.reloader.stakater.com";
const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/**
 * When Stakater Reloader lets a Deployment go on that it has paused (ms since 1970, by its own clock); undefined where it has
 * paused nothing. It pauses before it changes the template, and the roll-out begins when the pause ends. Pure.
 */
export function reloaderPauseEnd({ metadata, spec }: Workload): number | undefined {
  if (!spec.paused) return undefined;
  const said = { ...spec.template.metadata.annotations, ...metadata.annotations };
  const end = Date.parse(said[`${domain}/paused-at`] ?? "") + durationMs(said[`${domain}/pause-period`] ?? "");
  return Number.isNaN(end) ? undefined : end;
}

/** A duration as Go writes it ("1h30m", "1.5h", "90s"), in ms; NaN for what is none. */
function durationMs(text: string): number {
  if (!/^(?:\d+(?:\.\d+)?(?:h|m|s|ms))+$/.test(text)) return Number.NaN;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, count = "", unit = ""]) => sum + Number(count) * (units[unit] ?? Number.NaN), 0);
}
