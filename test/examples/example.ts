import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";

const Example = z.looseObject({
  targets: z.array(
    z.looseObject({
      secret: z.string(),
      consumers: z.union([z.literal("live"), z.array(z.record(z.string(), z.json()))]),
      checks: z.array(z.record(z.string(), z.json())),
    }),
  ),
});

/** Texts of the file and what stands there instead, in order; each must be found. */
export type Replacements = readonly (readonly [text: string, instead: string])[];

/**
 * The catalog in an example file as it stands there, for a world on this machine: with other places, and with times of seconds
 * for the targets named in `secrets`.
 *
 * @throws Error when a text that is to be replaced is not in the file any more
 */
export async function exampleFor(
  file: string,
  replacements: Replacements,
  secrets: readonly string[],
): Promise<string> {
  let text = await readFile(fileURLToPath(new URL(`../../examples/${file}`, import.meta.url)), "utf8");
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`examples/${file} does not say ${from}`);
    text = text.replaceAll(from, to);
  }
  const { targets, ...rest } = Example.parse(parse(text));
  const missing = secrets.filter((secret) => targets.every((target) => target.secret !== secret));
  if (missing.length > 0) throw new Error(`examples/${file} has no target ${missing.join(", ")}`);
  const shortened = targets.map((target) =>
    secrets.includes(target.secret)
      ? {
          ...target,
          consumers:
            target.consumers === "live" ? "live" : target.consumers.map((entry) => ({ ...entry, settle: "1s" })),
          checks: target.checks.map((entry) => short(entry)),
          grace: "500ms",
          graceMax: "1h",
          idle: { for: "1s" },
          watch: "1500ms",
          notice: "0s",
        }
      : target,
  );
  return JSON.stringify({ ...rest, demo: true, targets: shortened });
}

function short(check: Readonly<Record<string, z.core.util.JSONType>>): object {
  if (check["kind"] === "login") return check;
  return { ...check, settle: "200ms", ...(check["kind"] === "logs" ? { window: "10s" } : {}) };
}
