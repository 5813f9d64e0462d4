import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../guards/tree.ts";
import type { Source } from "./error-table.ts";

/** Every TypeScript file of the product. */
export function sources(): readonly Source[] {
  return globSync("src/**/*.ts", { cwd: root })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}
