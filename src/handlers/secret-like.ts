/**
 * Whether a text holds something that looks like a secret: a known prefix, a password in a URL or an assignment, or a word
 * that no person makes up. Errs towards refusing; the text is then neither read further nor repeated anywhere.
 */
export function looksSecret(text: string): boolean {
  return known.some((pattern) => pattern.test(text)) || text.split(/[\s"'`<>()[\]{},;]+/).some(looksRandom);
}

const known: readonly RegExp[] = [
  /xox[a-z]-|xapp-|xoxe\./i,
  /\b(?:AKIA|ASIA|AIPA|AROA)[A-Z0-9]{12,}/,
  /\b(?:ghp|gho|ghu|ghs|ghr|github_pat|glpat|gldt|npm|pypi|hvs|hvb|dop_v1|shpat|shpss|rk_live|sk_live|sk_test|whsec|dckr_pat|sntrys)[-_]?[A-Za-z0-9_-]{10,}/,
  /\bsk-[A-Za-z0-9_-]{16,}/,
  /\bAIza[A-Za-z0-9_-]{20,}/,
  /\bya29\.[A-Za-z0-9_-]{10,}/,
  /\bSG\.[A-Za-z0-9_-]{10,}\./,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}/,
  /-----BEGIN/,
  /\b[0-9a-f]{24,}\b/i,
  /AGE-SECRET-KEY-1/,
  /SCRAM-SHA-256\$/,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i,
  /\b(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key)\s*[=:]\s*\S{4,}/i,
];

/** Random strings use their letters evenly; words, host names and pod names come in short pieces. */
function looksRandom(word: string): boolean {
  const whole =
    classes(word) >= 3 &&
    word.length >= 12 &&
    entropyBits(word) >= 3.3 &&
    !/^[a-z0-9+.-]+:\/\//i.test(word) &&
    mixed(word);
  return (
    whole ||
    word
      .split(/[-_./:@=#]+/)
      .some((piece) => piece.length >= 16 && classes(piece) >= 2 && /\d/.test(piece) && entropyBits(piece) >= 3)
  );
}

/** Letters of both cases and digits change places often: "CamelCase2" does not, "k9Xw2mQ7" does. */
function mixed(word: string): boolean {
  const kinds = Array.from(word, (letter) =>
    /[a-z]/.test(letter) ? "a" : /[A-Z]/.test(letter) ? "A" : /\d/.test(letter) ? "0" : ".",
  );
  const changes = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length;
  return changes >= word.length / 3;
}

/** Kinds of characters; what joins words does not count. */
function classes(word: string): number {
  return [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9_./:@#=-]/].filter((pattern) => pattern.test(word)).length;
}

/** Shannon entropy per character, in bits. */
function entropyBits(word: string): number {
  const counts = new Map<string, number>();
  for (const letter of word) {
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  return [...counts.values()].reduce((bits, count) => bits - (count / word.length) * Math.log2(count / word.length), 0);
}
