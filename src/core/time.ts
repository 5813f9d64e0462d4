/** Milliseconds from one ISO 8601 time to another; negative when the second is earlier. */
export function elapsedMs(from: string, to: string): number {
  return new Date(to).getTime() - new Date(from).getTime();
}

/** The ISO 8601 time that many milliseconds later. */
export function plusMs(at: string, ms: number): string {
  return new Date(new Date(at).getTime() + ms).toISOString();
}

/** As long as one command may take, in milliseconds: the default of `Session.guard`. */
export const commandMs = 10_000;
