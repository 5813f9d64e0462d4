import type { StoreKind } from "../../core/ports.ts";
import { openFile } from "../file/store.ts";
import { Config } from "./config.ts";
import { edit, valuesOf } from "./edit.ts";
import { unfit } from "./unfit.ts";

/**
 * PgBouncer's auth_file: keys are user names, values what PgBouncer checks logins against. Only files in `allowedRoots` are
 * touched, links followed. PgBouncer reads it again when it is told to (`Issuer.published`). See README.md.
 */
export function pgbouncerUserlist(settings: { readonly allowedRoots: readonly string[] }): StoreKind {
  return {
    kind: "pgbouncer-userlist",
    config: Config,
    bind: (entry) => {
      const { file } = Config.parse(entry);
      return {
        shape: {
          readable: true,
          cas: "compare",
          live: false,
          alphabet,
          locks: [`pgbouncer-userlist:${file}`],
          label: `pgbouncer-userlist ${file}`,
        },
        open: (context) => Promise.resolve(openFile(file, settings.allowedRoots, { valuesOf, edit, unfit }, context)),
      };
    },
  };
}

/** Printable ASCII: a line end would end the user, and other bytes would be read in no known encoding. */
const alphabet = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index)).join("");
