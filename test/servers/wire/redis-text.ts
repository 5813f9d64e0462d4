const containers = new Set([
  "ACL",
  "CLIENT",
  "CLUSTER",
  "CONFIG",
  "FUNCTION",
  "LATENCY",
  "SCRIPT",
  "SENTINEL",
  "XGROUP",
]);

/** How many characters of one argument are kept. */
export const argumentLimit = 64;

/** How many leading words of a command (its name included) its text shows: never one that can carry a secret. */
export function wordsShown(name: string, wordCount: number): number {
  const upper = name.toUpperCase();
  if (upper === "AUTH") return wordCount === 3 ? 2 : 1;
  if (upper === "HELLO") return Math.min(4, wordCount);
  return Math.min(containers.has(upper) ? 3 : 2, wordCount);
}

/**
 * A command's text: name in capitals, subcommand and first argument, control characters as `?`. Logins show the user
 * (`AUTH app`, `HELLO 3 AUTH app`).
 */
export function redisText(words: readonly string[], wordCount: number): string {
  const [name = "", ...rest] = words;
  const shown = [name.toUpperCase(), ...rest].slice(0, wordsShown(name, wordCount));
  return shown.join(" ").replaceAll(/[\p{Cc}]/gu, "?");
}
