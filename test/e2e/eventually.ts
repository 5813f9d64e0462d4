import { setTimeout as sleep } from "node:timers/promises";

/** Looks until it is so; rejects after `forMs` with what was waited for. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false>,
  forMs: number,
  what: string | (() => string),
): Promise<T> {
  for (const untilMs = performance.now() + forMs; ; await sleep(50)) {
    const found = await look();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (performance.now() > untilMs) {
      throw new Error(`did not happen: ${typeof what === "string" ? what : what()}`);
    }
  }
}
