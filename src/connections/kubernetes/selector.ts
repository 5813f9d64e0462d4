import { GiveUp } from "../../core/errors.ts";

type Selector = {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
};

/**
 * The selector of a workload as the text that a list takes: all of its parts must hold.
 *
 * @throws GiveUp pods_selector: it selects everything, or has an operator that is not known: other people's pods would be asked
 */
export function selectorText({ matchLabels, matchExpressions }: Selector): string {
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values }) => {
      switch (operator) {
        case "In":
          return `${key} in (${values.join(",")})`;
        case "NotIn":
          return `${key} notin (${values.join(",")})`;
        case "Exists":
          return key;
        case "DoesNotExist":
          return `!${key}`;
        default:
          throw new GiveUp("pods_selector", `a selector with the operator ${operator} is not understood`);
      }
    }),
  ];
  if (parts.length > 0) return parts.join(",");
  throw new GiveUp("pods_selector", "a workload with an empty selector has no pods of its own");
}
