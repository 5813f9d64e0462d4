import type { Log } from "./log.ts";

/**
 * Work that no job waits for, because it may take longer than jobs may: started and not awaited. While it runs, starting it
 * again does nothing. What it throws is logged. `ended` resolves when it does not run; it never throws.
 */
export function beside(
  what: string,
  work: () => Promise<void> | undefined,
  log: Log,
): { readonly start: () => void; readonly ended: () => Promise<void> } {
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : "unknown" }, `${what} did not get through`);
    } finally {
      running = undefined;
    }
  };
  return {
    start: () => {
      running ??= run();
    },
    ended: async () => await running,
  };
}
