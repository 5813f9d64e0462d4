import { checks } from "../../src/checks/index.ts";
import { connections } from "../../src/connections/index.ts";
import { consumers } from "../../src/consumers/index.ts";
import type { Kinds } from "../../src/core/kinds.ts";
import { runner } from "../../src/process/run.ts";
import { rotators } from "../../src/rotators/index.ts";
import { stores } from "../../src/stores/index.ts";

const settings = { runner: runner(["/usr/bin"]), logFolders: ["/var/log"] };

/** Every adapter that Keyturn ships, as a catalog is read with them. */
export const shipped: Kinds = {
  connections,
  rotators: rotators({ now: () => new Date() }),
  stores: stores({ allowedRoots: ["/etc"] }),
  consumers: consumers(settings),
  checks: checks(settings),
};
