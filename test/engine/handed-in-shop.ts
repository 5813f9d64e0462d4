import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const Catalog = z.looseObject({
  targets: z.array(
    z.looseObject({ publish: z.array(z.looseObject({ file: z.string() })), consumers: z.array(z.unknown()) }),
  ),
});

export const oldPair = { key: "old-consumer-key", secret: "old-consumer-secret-0123456789" };
export const keys = { key: "PESAFLOW_KEY", secret: "PESAFLOW_SECRET", both: "PESAFLOW_BASIC" };

/** Where the pair lies: beside the `.env` of the shop that the catalog was made for. */
export function pairFile(catalog: string): string {
  const file = Catalog.parse(parse(catalog)).targets[0]?.publish[0]?.file ?? "";
  return join(dirname(file), "pesaflow.env");
}

export function pairIn(file: string): string {
  return readFileSync(file, "utf8");
}

/** The catalog of a small shop, whose only target now is a pair from a portal; the old pair is put into its file, as two values and as one. */
export function handedInCatalog(text: string, url: string, overlap: "dual" | "single"): string {
  const catalog = Catalog.parse(parse(text));
  const file = pairFile(text);
  writeFileSync(
    file,
    `${keys.key}=${oldPair.key}\n${keys.secret}=${oldPair.secret}\n${keys.both}=${oldPair.key}:${oldPair.secret}\n`,
  );
  const rest = Object.fromEntries(Object.entries(catalog.targets[0] ?? {}).filter(([name]) => name !== "idle"));
  const target = {
    ...rest,
    secret: "pesaflow",
    rotator: {
      kind: "handed-in-key",
      name: "pesaflow",
      portal: "the merchant portal",
      overlap,
      fields: { consumer_key: "public", consumer_secret: "secret" },
      test: [{ url, body: { key: "{{consumer_key}}", secret: "{{consumer_secret}}" } }],
      usableWithin: "0s",
      deadWithin: "0s",
    },
    publish: [
      {
        store: "env-file",
        file,
        values: {
          [keys.key]: "{{consumer_key}}",
          [keys.secret]: "{{consumer_secret}}",
          [keys.both]: "{{consumer_key}}:{{consumer_secret}}",
        },
      },
    ],
    checks: [{ kind: "login" }],
  };
  return JSON.stringify({ ...catalog, targets: [target] });
}
