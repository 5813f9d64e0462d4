/** Resolves at the first SIGTERM or SIGINT, or when `ended` does. A second signal ends the process at once. */
export function untilToldToEnd(ended: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
    }
    void ended.then(resolve);
  });
}
