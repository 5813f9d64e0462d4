import { checks } from "../checks/index.ts";
import { connections } from "../connections/index.ts";
import { consumers } from "../consumers/index.ts";
import type { Kinds } from "../core/kinds.ts";
import { runner } from "../process/run.ts";
import { rotators } from "../rotators/index.ts";
import { stores } from "../stores/index.ts";
import type { Settings } from "./config.ts";

/** All adapters, each with the folders it may touch. */
export function kindsFor(settings: Pick<Settings, "commandFolders" | "fileFolders" | "logFolders">): Kinds {
  const shared = { runner: runner(settings.commandFolders), logFolders: settings.logFolders };
  return {
    connections,
    rotators: rotators({ now: () => new Date() }),
    stores: stores({ allowedRoots: settings.fileFolders }),
    consumers: consumers(shared),
    checks: checks(shared),
  };
}
