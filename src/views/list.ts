import type { Desk } from "../core/desk.ts";
import type { Headline } from "../core/state.ts";
import type { Rendered } from "./blocks.ts";
import { few } from "./limits.ts";
import { bold, code, type Line, say } from "./parts.ts";
import { answer } from "./refusal.ts";

type Targets = Awaited<ReturnType<Desk["targets"]>>;

/** Targets of the catalog, each with its open rotation. `environment`: only those. */
export function targetList(targets: Targets, environment: string | undefined): Rendered {
  const chosen = targets.filter((target) => environment === undefined || target.environment === environment);
  const lines = chosen.map(
    ({ secret, environment: where, owner, open }): Line => [
      bold(`${secret} ${where}`),
      { text: ` (${owner})` },
      ...(open === undefined ? [] : [{ text: ": " }, ...say(open.line), { text: " " }, code(open.id)]),
    ],
  );
  return answer(
    lines.length === 0
      ? [
          [
            {
              text:
                environment === undefined
                  ? "the catalog has no target"
                  : `no target has the environment "${environment}"`,
            },
          ],
        ]
      : few(lines, 40, (left) => [{ text: `and ${String(left)} more: /rotate list ENVIRONMENT` }]),
  );
}

/** Open rotations, newest first. */
export function openList(open: readonly Headline[]): Rendered {
  const lines = open.map(
    ({ id, secret, environment, status, line, openedAt }): Line => [
      code(id),
      { text: " " },
      bold(`${secret} ${environment}`),
      { text: ` ${status}: ` },
      ...say(line),
      { text: ", since " },
      { at: openedAt },
    ],
  );
  return answer(
    lines.length === 0
      ? [[{ text: "no rotation is open" }]]
      : few(lines, 30, (left) => [{ text: `and ${String(left)} more` }]),
  );
}
