import type { StoreKind } from "../../core/ports.ts";
import { openFile } from "../file/store.ts";
import { Config } from "./config.ts";
import { edit, rawOf, valuesOf } from "./edit.ts";
import { unfit } from "./unfit.ts";

/**
 * A .env file as docker compose and dotenv read it. Only files in `allowedRoots` are touched, links followed.
 * See README.md for quoting, fencing and what is refused.
 */
export function envFile(settings: { readonly allowedRoots: readonly string[] }): StoreKind {
  return {
    kind: "env-file",
    config: Config,
    bind: (entry) => {
      const { file } = Config.parse(entry);
      return {
        shape: {
          readable: true,
          cas: "compare",
          live: false,
          alphabet,
          locks: [`env-file:${file}`],
          label: `env-file ${file}`,
        },
        open: (context) =>
          Promise.resolve(openFile(file, settings.allowedRoots, { valuesOf, rawOf, edit, unfit }, context)),
      };
    },
  };
}

/** Printable ASCII without `'` and `\`: whatever is generated from it, every reader of the file reads it alike. */
const alphabet = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index))
  .filter((character) => character !== "'" && character !== "\\")
  .join("");
