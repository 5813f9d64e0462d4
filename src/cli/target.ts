import { readFolders, readReferences } from "../bot/config.ts";
import { kindsFor } from "../bot/kinds.ts";
import { loadCatalog } from "../catalog/load.ts";
import { readCatalogText } from "../catalog/read-text.ts";
import { makeResolver } from "../catalog/references.ts";
import { KeyturnError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Context } from "../core/ports.ts";
import { type Target, targetName } from "../core/target.ts";
import { show } from "./check.ts";
import { readWords } from "./words.ts";

export type Found = {
  readonly flags: ReadonlySet<string>;
  readonly target: Target;
  readonly policy: string;
  readonly kinds: ReturnType<typeof kindsFor>;
  readonly context: Context;
};

/**
 * Finds one target of the catalog that KEYTURN_CATALOG names (or `--catalog FILE`), with a context that can only look.
 * `command`: for the usage. Throws KeyturnError("usage", "catalog_wrong", "unknown_target").
 */
export async function findTarget(
  command: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Found> {
  const usage = `${command} SECRET ENVIRONMENT [--catalog FILE]${flags.map((flag) => ` [${flag}]`).join("")}`;
  const read = readWords(args, { usage, words: [2, 2], flags, values: ["--catalog"] });
  const [secret = "", environment = ""] = read.words;
  const file = read.values["--catalog"] ?? readReferences().catalogFile ?? "";
  if (file === "") {
    throw new KeyturnError("usage", "there is no catalog", {
      hint: "name it: --catalog FILE, or KEYTURN_CATALOG=FILE",
    });
  }
  const folders = readFolders();
  const kinds = kindsFor(folders);
  const loaded = loadCatalog(await readCatalogText(file), file, kinds);
  if ("problems" in loaded) {
    loaded.problems.forEach(show);
    throw new KeyturnError("catalog_wrong", `${file} has mistakes`, { hint: `keyturn check ${file}` });
  }
  const target = loaded.catalog.targets.find((each) => each.secret === secret && each.environment === environment);
  if (target === undefined) {
    const all = loaded.catalog.targets.map(targetName);
    const close = nearest(`${secret} ${environment}`, all);
    throw new KeyturnError("unknown_target", `there is no target "${secret} ${environment}"`, {
      hint: close === undefined ? `it has ${all.join(", ")}` : `did you mean "${close}"?`,
    });
  }
  const { env, secretsFolder } = readReferences();
  const signal = AbortSignal.timeout(60_000);
  const session = {
    rotationId: "cli",
    epoch: 0,
    name: "keyturn:cli:0",
    guard: () => {
      throw new KeyturnError("read_only", "the command line only looks");
    },
  };
  return {
    flags: read.flags,
    target,
    policy: target.policy,
    kinds,
    context: { session, signal, resolve: makeResolver({ env, secretsFolder, signal }) },
  };
}
