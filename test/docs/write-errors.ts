import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../guards/tree.ts";
import { rowsFor } from "./error-table.ts";
import { sources } from "./sources.ts";

/** Writes the table of `docs/errors.md` anew: `node test/docs/write-errors.ts`. */
const file = join(root, "docs/errors.md");
const before = readFileSync(file, "utf8");
const head = before.slice(0, before.indexOf("\n|---|---|---|---|\n"));
writeFileSync(file, `${head}\n|---|---|---|---|\n${rowsFor(sources()).join("\n")}\n`);
