/** Answers by key, each asked for at most once in `forMs`; who asks while one is on its way shares it. */
type KeptAnswers<T> = {
  /** The answer, `forMs` old at most, counted from when it was asked for. `fresh`: only one that is on its way is shared. */
  readonly get: (key: string, ask: () => Promise<T>, fresh?: boolean) => Promise<T>;
  /** False: nothing was known of it. An answer that is on its way is not kept any more. */
  readonly drop: (key: string) => boolean;
  /** Keys of kept answers, too old ones included, that this is true of. */
  readonly keysOf: (holds: (value: T) => boolean) => readonly string[];
};

/** Keeps no failure: whoever asks next asks again. `monotonicMs`: a clock that only goes forward. */
export function keptAnswers<T>(forMs: number, monotonicMs: () => number): KeptAnswers<T> {
  const kept = new Map<string, { readonly at: number; readonly value: T }>();
  const underWay = new Map<string, Promise<T>>();
  async function asked(key: string, ask: () => Promise<T>): Promise<T> {
    const at = monotonicMs();
    const answer = ask();
    underWay.set(key, answer);
    try {
      const value = await answer;
      if (underWay.get(key) === answer) {
        kept.set(key, { at, value });
      }
      return value;
    } finally {
      if (underWay.get(key) === answer) {
        underWay.delete(key);
      }
    }
  }
  return {
    get: async (key, ask, fresh = false) => {
      const known = kept.get(key);
      return !fresh && known !== undefined && monotonicMs() - known.at < forMs
        ? known.value
        : (underWay.get(key) ?? asked(key, ask));
    },
    drop: (key) => {
      const wasAsked = underWay.delete(key);
      return kept.delete(key) || wasAsked;
    },
    keysOf: (holds) => [...kept].filter(([, { value }]) => holds(value)).map(([key]) => key),
  };
}
