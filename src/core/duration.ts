import { z } from "zod";

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const wanted = "a length of time such as 15s, 30m or 24h";
const shape = /^(\d{1,9})(ms|s|m|h|d)$/;

/** A length of time as people write it ("250ms", "15s", "30m", "24h", "7d"), parsed to milliseconds. */
export const Duration = z
  .string({ error: wanted })
  .regex(shape, { error: wanted })
  .transform((text) => durationMs(text));

function durationMs(text: string): number {
  const [, amount = "0", unit = "ms"] = shape.exec(text) ?? [];
  const [, factor] = Object.entries(unitMs).find(([name]) => name === unit) ?? ["ms", 1];
  return Number(amount) * factor;
}
